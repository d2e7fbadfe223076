"""Packing: token sequences into fixed windows, none of them cut.

Best-fit over a bounded set of open windows: each sequence goes into the fullest window that still
has room. What stays empty is padding, which the loss ignores; it is a few per cent.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OPEN_WINDOWS = 256


@dataclass(order=True)
class _OpenWindow:
    room: int
    serial: int
    parts: list[list[int]] = field(compare=False, default_factory=list)


def window_type(vocabulary: int) -> type[np.uint16 | np.uint32]:
    """The number type of windows for a vocabulary of so many entries."""
    return np.uint16 if vocabulary <= 1 << 16 else np.uint32


def pack(
    sequences: Iterable[list[int]],
    window: int,
    pad: int,
    open_windows: int = OPEN_WINDOWS,
    dtype: type[np.uint16 | np.uint32] = np.uint16,
) -> Iterator[np.ndarray]:
    """Yield windows of shape (window,) and `dtype`, each the concatenation of whole sequences.

    Raises:
        ValueError: a sequence is longer than the window.
    """
    waiting: list[_OpenWindow] = []
    serial = 0
    for sequence in sequences:
        if len(sequence) > window:
            raise ValueError(f"a sequence of {len(sequence)} tokens in a window of {window}")
        place = bisect_left(waiting, _OpenWindow(len(sequence), -1))
        if place < len(waiting):
            chosen = waiting.pop(place)
        else:
            chosen = _OpenWindow(window, serial)
            serial += 1
        chosen.parts.append(sequence)
        chosen.room -= len(sequence)
        if chosen.room == 0:
            yield _close(chosen, window, pad, dtype)
            continue
        insort(waiting, chosen)
        if len(waiting) > open_windows:
            yield _close(waiting.pop(0), window, pad, dtype)
    for left in waiting:
        yield _close(left, window, pad, dtype)


def _close(
    filled: _OpenWindow, window: int, pad: int, dtype: type[np.uint16 | np.uint32]
) -> np.ndarray:
    row = np.full(window, pad, dtype=dtype)
    position = 0
    for part in filled.parts:
        row[position : position + len(part)] = part
        position += len(part)
    return row
