"""The report of a comparison: words chosen by the numbers, figures, and three forms to write it in."""
