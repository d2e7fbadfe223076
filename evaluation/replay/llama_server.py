"""llama.cpp's own HTTP server in a process of its own, from the wheel `xllamacpp`.

`python -m evaluation.replay.llama_server MODEL` prints its address and serves until its standard
input ends. The settings are those of llama.vscode's preset for CPUs; a small context halves the
batch.
"""

from __future__ import annotations

import sys

from inkling.errors import require

BATCH_TOKENS = 1024
CACHE_REUSE = 256


def main() -> int:
    """Serve the model that the command line names."""
    xllamacpp = require("xllamacpp", "peers")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = sys.argv[1]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = 1
    context = int(sys.argv[2])
    # The server takes up to a batch of text around the cursor; the answer needs room as well.
    parameters.n_batch = parameters.n_ubatch = min(BATCH_TOKENS, context // 2)
    parameters.n_cache_reuse = CACHE_REUSE
    parameters.n_ctx = context
    parameters.cpuparams.n_threads = int(sys.argv[3])
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
