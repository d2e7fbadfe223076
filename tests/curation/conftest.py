"""Without the `train` extra there is nothing of curation to test."""

from __future__ import annotations

from importlib.util import find_spec

if not all(map(find_spec, ("datasketch", "datatrove", "pathspec", "pyarrow"))):
    collect_ignore_glob = ["test_*.py"]
