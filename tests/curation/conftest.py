"""Fixtures of the curation tests; without the `train` extra they are skipped."""

from __future__ import annotations

import pytest

for package in ("datasketch", "datatrove", "pathspec", "pyarrow"):
    pytest.importorskip(package)
