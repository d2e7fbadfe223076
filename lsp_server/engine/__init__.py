"""The completion engine: one llama.cpp context, owned in this process.

It knows prompts, tokens and the KV cache, and nothing of editors. `engine.Engine` is the
synchronous face (evaluation uses it too); `worker.Worker` runs one on a thread of its own.
"""

import os

# Read by the OpenMP library when llama.cpp is first loaded: how long its threads spin at a barrier
# before they sleep. Its own default lets two threads wait for each other by whole time slices as
# soon as something else wants the CPU: decoding a 14M model beside a compiler took 16 to 250 ms a
# token, with this 12 to 34; on a quiet machine there is no difference.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
