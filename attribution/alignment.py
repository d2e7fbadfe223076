"""Is one run of code a copy of another with other names? Aligned extension and a name mapping.

Both sides are abstract symbols (see `attribution.lexing`). From a common seed the run is extended
while the symbols agree; only brackets, commas and semicolons that a formatter may add are passed
over, so a gap is never bridged. It is a copy if names correspond one to one nearly everywhere, if
that says something (names that come back, literals that are the same), and if the code is varied
enough: rows of a table agree with any other table. Where most names are the same, that is proof
enough. Of a long string at either end only the words that both sides have belong to a copy.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.lexing import ATTRIBUTE, LAYOUT, NAME, NUMBER, STRING, Lexemes

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_TOKENS = 30
MIN_CONSISTENCY = 0.9
MIN_DISTINCT = 18
"""Different runs of five symbols; rows of a table have few, however many rows."""
MIN_EVIDENCE = 5
"""Names beyond their first occurrence, which alone can contradict a mapping, and literals that are
the same on both sides."""
MIN_IDENTICAL = 0.5
"""Share of names that are the same on both sides from which on no mapping is needed: the text is
edited rather than renamed."""
MOSTLY_IDENTICAL = 0.7
"""From this share on it doesn't matter how varied the code is."""
STRONG_TELLING = 28
"""A copy that says less is told quietly, however long it is: stubs and rows are all alike."""
MIN_IDENTICAL_NAMES = 8
MIN_VARIED_IDENTICAL = 0.35
"""In a long run of varied code whose symbols all agree, so many names are proof enough."""
MIN_VARIED_TOKENS = 65
MOSTLY_TELLING = 0.8
"""From this share of names on that are the same it needn't be varied to be told loudly."""
_LONGER = 0.8
"""A mapping explains more than equal names do if those reach less of it than this."""
_AGREE_AFTER_SKIP = 4
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
    """Runs of lexemes that correspond.

    Attributes:
        left, left_end, right, right_end: the lexemes of each side.
        size: how many correspond.
        consistency: share of names that follow the one-to-one mapping.
        identical: share of names that are the same on both sides.
        distinct: different runs of five symbols.
        repeated: names beyond their first occurrence.
        names: all of them.
        literals, same_literals: strings and numbers, and how many are the same on both sides.
    """

    left: int
    left_end: int
    right: int
    right_end: int
    size: int
    consistency: float
    identical: float
    distinct: int
    repeated: int
    names: int
    literals: int
    same_literals: int

    @property
    def keeps_names(self) -> bool:
        """Whether so many names are the same that it is a copy without any mapping."""
        if self.names < MIN_IDENTICAL_NAMES:
            return False
        if self.identical < MIN_IDENTICAL:
            return self.is_long_and_varied and self.identical >= MIN_VARIED_IDENTICAL
        return self.size >= MIN_TOKENS and (
            self.distinct >= MIN_DISTINCT or self.identical >= MOSTLY_IDENTICAL
        )

    @property
    def farness(self) -> tuple[float, int]:
        """Sorts long copies that keep names first, and of equal ones those that keep literals."""
        return (self.left - self.left_end) * (1 + self.identical), -self.same_literals

    @property
    def is_identical(self) -> bool:
        """Whether no other run can be closer."""
        return self.identical == 1 and self.same_literals == self.literals

    @property
    def is_long_and_varied(self) -> bool:
        """Whether so many symbols hardly agree by chance."""
        return self.size >= MIN_VARIED_TOKENS and self.distinct >= STRONG_TELLING

    @property
    def is_telling(self) -> bool:
        """Whether it says enough to be told loudly if it is long."""
        return (
            self.identical >= MOSTLY_TELLING or self.distinct + self.same_literals >= STRONG_TELLING
        )

    @property
    def is_copy(self) -> bool:
        return self.keeps_names or (
            self.size >= MIN_TOKENS
            and self.consistency >= MIN_CONSISTENCY
            and self.distinct >= MIN_DISTINCT
            and self.repeated + self.same_literals >= MIN_EVIDENCE
        )


def align(left: Code, right: Code, seed: tuple[int, int]) -> Alignment:
    """The best run around a common seed (an index on each side)."""
    a, b = left.lexemes.symbols, right.lexemes.symbols
    i, j = seed
    back = _extension(a[:i][::-1], b[:j][::-1])
    ahead = _extension(a[i:], b[j:])
    # The lexemes that correspond, in order, as two arrays of indices.
    rows = np.concatenate([i - 1 - back[0][::-1], i + ahead[0]])
    columns = np.concatenate([j - 1 - back[1][::-1], j + ahead[1]])
    symbols = a[rows]
    named = np.flatnonzero((symbols == NAME) | (symbols == ATTRIBUTE)).tolist()
    # A variable may have an attribute's name, and be renamed without it.
    pairs = [
        (prefix + left.word(int(rows[n])), prefix + right.word(int(columns[n])))
        for n in named
        for prefix in (b"." if symbols[n] == ATTRIBUTE else b"",)
    ]
    run = _Run(left, right, rows, columns, symbols, named, pairs)
    same = [x == y for x, y in pairs]
    kept = run.measured(same, MIN_IDENTICAL)
    mapped = run.measured(_consistent(pairs), MIN_CONSISTENCY)
    if kept.size < MIN_VARIED_TOKENS <= len(rows) and not mapped.is_long_and_varied:
        varied = run.measured(same, MIN_VARIED_IDENTICAL)
        kept = varied if varied.keeps_names else kept
    longer = mapped.is_copy and mapped.size * _LONGER > kept.size
    return kept if kept.keeps_names and not longer else mapped


@dataclass(frozen=True)
class Common:
    """What both sides of an alignment have: offsets in the text of each."""

    left: int
    left_end: int
    right: int
    right_end: int


def common(left: Code, right: Code, found: Alignment) -> Common:
    """The ranges of text that an alignment stands for; it isn't empty.

    A docstring is one lexeme, and corresponds to any other. A text may hold only a part of it, so
    where the first or last lexeme is one, only the words at its inner end that both have count.
    """
    a, b = left.lexemes, right.lexemes
    first, second = found.left, found.right
    if head := _same_words(left, right, (first, second), last=True):
        starts = int(a.ends[first]) - head[0], int(b.ends[second]) - head[1]
    else:
        starts = int(a.starts[first + 1]), int(b.starts[second + 1])
    first, second = found.left_end - 1, found.right_end - 1
    if tail := _same_words(left, right, (first, second), last=False):
        ends = int(a.starts[first]) + tail[0], int(b.starts[second]) + tail[1]
    else:
        ends = int(a.ends[first - 1]), int(b.ends[second - 1])
    return Common(starts[0], ends[0], starts[1], ends[1])


def _same_words(
    left: Code, right: Code, pair: tuple[int, int], *, last: bool
) -> tuple[int, int] | None:
    """How many bytes the words take that two lexemes both begin with; None if there are none.

    Args:
        last: what they both end with instead.
    """
    a, b = left.word(pair[0]), right.word(pair[1])
    # Within a line nothing is gained: sources are told by lines.
    if a == b or left.lexemes.symbols[pair[0]] != STRING or b"\n" not in a + b:
        return len(a), len(b)
    step = -1 if last else 1
    words = zip(a.split()[::step], b.split()[::step], strict=False)
    same = sum(1 for _ in itertools.takewhile(lambda both: both[0] == both[1], words))
    return (_size(a, same, last=last), _size(b, same, last=last)) if same else None


def _size(text: bytes, words: int, *, last: bool) -> int:
    """How many bytes the first (or last) words of a text take, from its very beginning (end) on."""
    if last:
        rest = text.rsplit(None, words)
        return len(text[len(rest[0]) if len(rest) > words else 0 :].lstrip())
    rest = text.split(None, words)
    return len(text[: -len(rest[-1]) if len(rest) > words else None].rstrip())


@dataclass(frozen=True)
class _Run:
    """Lexemes that correspond: `rows` of the left side, `columns` of the right one.

    Attributes:
        named: which of them are names, and `pairs` the names themselves.
    """

    left: Code
    right: Code
    rows: np.ndarray
    columns: np.ndarray
    symbols: np.ndarray
    named: Sequence[int]
    pairs: Sequence[tuple[bytes, bytes]]

    def measured(self, agree: Sequence[bool], share: float) -> Alignment:
        """The stretch in which about `share` of the names agree, and its measures."""
        low, high = _best_stretch(len(self.rows), self.named, agree, share)
        if low == high:
            return Alignment(0, 0, 0, 0, 0, 0.0, 0.0, 0, 0, 0, 0, 0)
        inner = [p for n, p in zip(self.named, self.pairs, strict=True) if low <= n < high]
        agree = _consistent(inner)
        symbols = self.symbols[low:high]
        literal = low + np.flatnonzero((symbols == STRING) | (symbols == NUMBER))
        same = sum(
            self.left.word(int(self.rows[n])) == self.right.word(int(self.columns[n]))
            for n in literal.tolist()
        )
        return Alignment(
            int(self.rows[low]),
            int(self.rows[high - 1]) + 1,
            int(self.columns[low]),
            int(self.columns[high - 1]) + 1,
            high - low,
            sum(agree) / max(1, len(inner)),
            sum(x == y for x, y in inner) / max(1, len(inner)),
            distinct_runs(symbols),
            len(inner) - len({x for x, _ in inner}),
            len(inner),
            len(literal),
            same,
        )


def distinct_runs(symbols: np.ndarray) -> int:
    """How many different runs of five symbols there are."""
    count = len(symbols) - 4
    if count < 1:
        return 0
    packed = np.zeros(count, dtype=np.uint64)
    for step in range(5):
        packed = packed << np.uint64(8) | symbols[step : step + count]
    return len(np.unique(packed))


def _extension(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices in both of the symbols that agree from the beginning on.

    Where they stop to agree, up to two symbols of layout are passed over on either side if the
    symbols agree again for a while after them.
    """
    i = j = 0
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    while True:
        size = _agreeing(a[i:], b[j:])
        rows.append(np.arange(i, i + size))
        columns.append(np.arange(j, j + size))
        i, j = i + size, j + size
        skip = _skipped(a[i:], b[j:])
        if skip is None:
            return np.concatenate(rows), np.concatenate(columns)
        i, j = i + skip[0], j + skip[1]


def _skipped(a: np.ndarray, b: np.ndarray) -> tuple[int, int] | None:
    """How many symbols of layout to pass over on each side."""
    head_a, head_b = a[:2].tolist(), b[:2].tolist()
    for left, right in ((0, 1), (1, 0), (0, 2), (2, 0), (1, 1)):
        if len(a) <= left or len(b) <= right:
            continue
        if not LAYOUT.issuperset(head_a[:left] + head_b[:right]):
            continue
        wanted = min(_AGREE_AFTER_SKIP, len(a) - left, len(b) - right)
        if (a[left : left + wanted] == b[right : right + wanted]).all():
            return left, right
    return None


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
