"""`python -P -m lsp_server`: serve completions to an editor."""

import sys

from lsp_server.cli import main

sys.exit(main())
