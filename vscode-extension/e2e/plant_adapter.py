"""Puts an adapter where tuning leaves them: beside an installed model.

Arguments: its name, the model that it was tuned from, that model's width, and INKLING_HOME.
"""

import sys
from pathlib import Path

from tests.lsp_server.test_adapter import write_adapter

name, base, width, home = sys.argv[1:]
folder = Path(home) / "models" / name
folder.mkdir(parents=True)
(folder / "bundle.json").write_text("{}")
write_adapter(folder / "adapter.gguf", 0.01, int(width), base)
