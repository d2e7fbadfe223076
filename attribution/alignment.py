"""Is one run of code a copy of another with other names? Aligned extension and a name mapping.

Both sides are abstract symbols (see `attribution.lexing`). From a common seed the run is extended
while the symbols agree, so a gap is never bridged. It is a copy if names correspond one to one
nearly everywhere, if that says something (names that come back), and if the code is varied enough:
rows of a table agree with any other table. Where most names are the same, that is proof enough.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.lexing import ATTRIBUTE, NAME, Lexemes

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_TOKENS = 30
MIN_CONSISTENCY = 0.9
MIN_DIVERSITY = 0.5
MIN_REPEATED_NAMES = 5
"""Names beyond their first occurrence: only these can contradict a mapping."""
MIN_IDENTICAL = 0.7
"""Share of names that are the same on both sides from which on no mapping is needed: the text is
edited rather than renamed."""
MIN_IDENTICAL_NAMES = 8
IDENTICAL = 0.95
"""From this share on the text is only laid out anew."""


@dataclass(frozen=True)
class Code:
    """A text with its code lexemes, comments left out."""

    text: bytes
    lexemes: Lexemes

    def __len__(self) -> int:
        return len(self.lexemes)

    def word(self, number: int) -> bytes:
        return self.text[int(self.lexemes.starts[number]) : int(self.lexemes.ends[number])]


@dataclass(frozen=True)
class Alignment:
    """Runs of lexemes that correspond, `size` long.

    Attributes:
        left, right: index of the first lexeme on each side.
        consistency: share of names that follow the one-to-one mapping.
        identical: share of names that are the same on both sides.
        diversity: distinct runs of five symbols, divided by all.
        repeated: names beyond their first occurrence.
        names: all of them.
    """

    left: int
    right: int
    size: int
    consistency: float
    identical: float
    diversity: float
    repeated: int
    names: int

    @property
    def keeps_names(self) -> bool:
        """Whether so many names are the same that it is a copy without any mapping."""
        return (
            self.size >= MIN_TOKENS
            and self.identical >= MIN_IDENTICAL
            and self.names >= MIN_IDENTICAL_NAMES
        )

    @property
    def is_copy(self) -> bool:
        return self.keeps_names or (
            self.size >= MIN_TOKENS
            and self.consistency >= MIN_CONSISTENCY
            and self.diversity >= MIN_DIVERSITY
            and self.repeated >= MIN_REPEATED_NAMES
        )


def align(left: Code, right: Code, seed: tuple[int, int]) -> Alignment:
    """The best run around a common seed (an index on each side)."""
    a, b = left.lexemes.symbols, right.lexemes.symbols
    i, j = seed
    back = _agreeing(a[:i][::-1], b[:j][::-1])
    ahead = _agreeing(a[i:], b[j:])
    i, j, size = i - back, j - back, back + ahead
    symbols = a[i : i + size]
    named = np.flatnonzero((symbols == NAME) | (symbols == ATTRIBUTE)).tolist()
    pairs = [(left.word(i + place), right.word(j + place)) for place in named]
    kept = _measured(i, j, symbols, named, pairs, [x == y for x, y in pairs], MIN_IDENTICAL)
    mapped = _measured(i, j, symbols, named, pairs, _consistent(pairs), MIN_CONSISTENCY)
    return kept if kept.keeps_names and kept.size >= mapped.size * MIN_IDENTICAL else mapped


def _measured(
    i: int,
    j: int,
    symbols: np.ndarray,
    named: Sequence[int],
    pairs: Sequence[tuple[bytes, bytes]],
    agree: Sequence[bool],
    share: float,
) -> Alignment:
    """The stretch in which about `share` of the names agree, and its measures."""
    low, high = _best_stretch(len(symbols), named, agree, share)
    inner = [pair for place, pair in zip(named, pairs, strict=True) if low <= place < high]
    agree = _consistent(inner)
    return Alignment(
        i + low,
        j + low,
        high - low,
        sum(agree) / max(1, len(inner)),
        sum(x == y for x, y in inner) / max(1, len(inner)),
        diversity(symbols[low:high]),
        len(inner) - len({x for x, _ in inner}),
        len(inner),
    )


def diversity(symbols: np.ndarray) -> float:
    """Distinct runs of five symbols, divided by all; 1 for fewer than five."""
    count = len(symbols) - 4
    if count < 1:
        return 1.0
    packed = np.zeros(count, dtype=np.uint64)
    for step in range(5):
        packed = packed << np.uint64(8) | symbols[step : step + count]
    return len(np.unique(packed)) / count


def _agreeing(a: np.ndarray, b: np.ndarray) -> int:
    """How many symbols agree before the first that doesn't."""
    size = min(len(a), len(b))
    differing = np.flatnonzero(a[:size] != b[:size])
    return int(differing[0]) if len(differing) else size


def _consistent(pairs: Sequence[tuple[bytes, bytes]]) -> list[bool]:
    """For each pair of names whether each is the other's most frequent partner."""
    counts = Counter(pairs)
    forward: dict[bytes, bytes] = {}
    backward: dict[bytes, bytes] = {}
    for (x, y), _ in counts.most_common():
        forward.setdefault(x, y)
        backward.setdefault(y, x)
    return [forward[x] == y and backward[y] == x for x, y in pairs]


def _best_stretch(
    size: int, named: Sequence[int], agree: Sequence[bool], share: float
) -> tuple[int, int]:
    """The highest-scoring stretch if names that agree win 1 and others lose what `share` is worth.

    So at least `share` of a stretch agrees, and what agrees by chance beyond a copy's end is cut.
    """
    best = (0.0, 0, size) if all(agree) else (0.0, 0, 0)
    score, begin = 0.0, 0
    for number, place in enumerate(named):
        if agree[number]:
            score += 1
            if score > best[0]:
                end = named[number + 1] if number + 1 < len(named) else size
                best = (score, begin, end)
        else:
            score -= share / (1 - share)
            if score <= 0:
                score, begin = 0.0, place + 1
    return best[1], best[2]
