"""Files as memory, for reading here and there."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def map_file(path: Path) -> mmap.mmap:
    """Map a file that isn't empty.

    Raises:
        OSError, ValueError: it is missing, or empty.
    """
    with path.open("rb") as handle:
        mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    if hasattr(mmap, "MADV_RANDOM"):
        # Else a cold page brings its neighbours along, which takes far longer.
        mapped.madvise(mmap.MADV_RANDOM)
    return mapped
