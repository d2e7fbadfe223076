"""Cold reads: the pages of an open index leave this process and the system's cache."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

from attribution.index import SEGMENTS
from attribution.mapping import mapped_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from attribution.index import Index


_PIECE = 1 << 24


def drop_pages(index: Index) -> bool:
    """Drop the pages of every mapped file; False where the system can't.

    A page that a process has mapped stays in the cache, so the mappings let go of theirs first.
    Filters, pins and offsets are in memory by design and stay.
    """
    if not hasattr(os, "posix_fadvise") or not hasattr(mmap, "MADV_DONTNEED"):
        return False
    for item in index.segments:
        inner = item.segment
        arrays = inner.suffixes, inner.tokens, inner.places, inner.anchors
        for mapped in (inner.text, inner.documents.rows, *map(mapped_file, arrays)):
            if mapped is not None:
                mapped.madvise(mmap.MADV_DONTNEED)
        drop_files((index.folder / SEGMENTS / inner.name).iterdir())
    return True


def read_files(index: Index) -> None:
    """Bring all files of an index into the system's cache."""
    for item in index.segments:
        for path in (index.folder / SEGMENTS / item.segment.name).iterdir():
            with path.open("rb") as handle:
                while handle.read(_PIECE):
                    pass


def drop_files(paths: Iterable[Path]) -> bool:
    """Drop what the system's cache holds of files that no process maps."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return True
