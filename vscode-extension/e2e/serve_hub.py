"""A model hub on this machine, which serves one file slowly enough to watch.

Arguments: path of the file on the hub, the file, bytes to append to it, bytes a second. Prints its
address and serves until its input ends.
"""

import sys
from pathlib import Path

from tests.lsp_server.models.fake_hub import fake_hub

name, source, padding, pace = sys.argv[1:]
with fake_hub({name: Path(source).read_bytes() + bytes(int(padding))}) as hub:
    hub.pace = float(pace)
    print(hub.address, flush=True)
    sys.stdin.read()
