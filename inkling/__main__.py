"""`python -m inkling`: the same command line as the console script `inkling`."""

import sys

from inkling.cli import main

sys.exit(main())
