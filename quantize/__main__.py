"""`python -m quantize CHECKPOINT`: the same command as `inkling quantize`."""

import sys

from quantize.cli import main

sys.exit(main())
