"""A suffix index over token sequences: where does a context occur, and how does it go on?

The sequences are stored back to front in one array with a suffix array over it (`pydivsufsort`), so
the longest suffix of a context is found by narrowing one interval token by token. Immutable; knows
nothing of files or text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pydivsufsort import divsufsort

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SEPARATOR = 0xFFFFFFFF
"""Stands between the sequences; no token has this id."""


@dataclass(frozen=True)
class Interval:
    """All occurrences of the last `length` tokens of a context: a range of the suffix array."""

    length: int
    low: int
    high: int

    @property
    def count(self) -> int:
        return self.high - self.low


class SuffixIndex:
    """An index of token sequences.

    Attributes:
        tokens: all sequences, with `SEPARATOR` before, between and after them; shape (n,), uint32.
        starts: where each sequence begins in `tokens`, shape (sequences,), int64.
    """

    def __init__(self, sequences: Sequence[Sequence[int]]) -> None:
        separator = np.array([SEPARATOR], dtype=np.uint32)
        parts = [separator]
        for ids in sequences:
            parts += [np.asarray(ids, dtype=np.uint32), separator]
        self.tokens = np.concatenate(parts)
        sizes = np.array([len(ids) + 1 for ids in sequences], dtype=np.int64)
        self.starts = 1 + np.cumsum(sizes) - sizes
        self._reversed = np.ascontiguousarray(self.tokens[::-1])
        self._order = divsufsort(self._reversed).astype(np.int32)
        self._first_tokens = self._reversed[self._order]

    def intervals(self, context: Sequence[int], longest: int) -> list[Interval]:
        """The occurrences of each end of `context`, shortest first, until none is left.

        Args:
            longest: look at most so many tokens back.
        """
        backwards = np.asarray(context[-longest:][::-1], dtype=np.uint32)
        found: list[Interval] = []
        low, high = 0, len(self._order)
        for depth, token in enumerate(backwards):
            if high - low == 1:
                found += self._single(low, depth, backwards)
                break
            # No match holds a separator, and one stands before all, so this stays inside.
            column = (
                self._first_tokens if depth == 0 else self._reversed[self._order[low:high] + depth]
            )
            begin, end = column.searchsorted(token), column.searchsorted(token, "right")
            low, high = low + int(begin), low + int(end)
            if low == high:
                break
            found.append(Interval(depth + 1, low, high))
        return found

    def _single(self, low: int, depth: int, backwards: NDArray[np.uint32]) -> Iterator[Interval]:
        """The intervals from `depth` tokens on, where just one occurrence is left."""
        start = int(self._order[low])
        own = self._reversed[start + depth : start + len(backwards)]
        differing = np.flatnonzero(own != backwards[depth : depth + len(own)])
        equal = int(differing[0]) if len(differing) else len(own)
        for length in range(depth + 1, depth + equal + 1):
            yield Interval(length, low, low + 1)

    def following(self, interval: Interval, limit: int) -> NDArray[np.int64]:
        """Positions in `tokens` right after the occurrences; at most `limit`, evenly chosen."""
        step = max(1, -(-interval.count // limit))
        order = self._order[interval.low : interval.high : step].astype(np.int64)
        positions: NDArray[np.int64] = len(self.tokens) - order
        return positions

    def sequence_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number of the sequence that each position lies in."""
        numbers: NDArray[np.int64] = np.searchsorted(self.starts, positions, side="right") - 1
        return numbers
