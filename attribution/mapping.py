"""Files as memory, for reading here and there."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np


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


def mapped_file(numbers: np.ndarray) -> mmap.mmap | None:
    """The mapped file that an array lies in, if it does; not that of a part of an array."""
    base = numbers.base
    held = base.obj if isinstance(base, memoryview) else base
    return held if isinstance(held, mmap.mmap) else None


def will_read(mapped: mmap.mmap | None, ranges: Iterable[tuple[int, int]]) -> None:
    """Ask the system for the pages of some ranges (first byte, byte after the last) at once.

    Pages that aren't in memory then come side by side, not one after the other as they are read.
    Does nothing without a mapped file, and where the system has no such request.
    """
    if mapped is None or not hasattr(mmap, "MADV_WILLNEED"):
        return
    pages = {
        page
        for first, end in ranges
        for page in range(first // mmap.PAGESIZE, -(-end // mmap.PAGESIZE))
    }
    for page in sorted(pages):
        mapped.madvise(mmap.MADV_WILLNEED, page * mmap.PAGESIZE, mmap.PAGESIZE)
