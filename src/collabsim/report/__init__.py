"""Reports: figures, tables for the terminal, and results that stay the same where nothing changed.

Matplotlib is imported here and nowhere else in the package.
"""
