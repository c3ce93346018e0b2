"""Run the command line with ``python -m collabsim``."""

import sys

from collabsim.cli import main

sys.exit(main())
