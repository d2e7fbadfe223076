"""What of a match matters: imports, licence headers and tables of data hardly do, bodies do.

The parts of a file are told apart from its lexemes alone, statement by statement, so this works
for text that doesn't parse. A match's weight decides how it is shown: strong, weak or not at all.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import Enum

import numpy as np

from attribution.lexing import (
    ATTRIBUTE,
    COMMENT,
    FIRST_WORD,
    NAME,
    NUMBER,
    STRING,
    Lexemes,
    symbol_of_word,
)

STRONG_TOKENS, WEAK_TOKENS = 65, 30
"""Code tokens, each counted by the weight of its part."""
STRONG_BYTES = 150
"""Bytes of body; as many of anything, counted by the weights of the parts, are weak."""


class Part(Enum):
    """A part of a file; the value is the weight of its tokens and bytes."""

    BODY = 1.0
    PROSE = 0.2
    DATA = 0.05
    IMPORT = 0.1
    HEADER = 0.0
    ENTRY = 0.02


class Tier(Enum):
    """How loudly a match is told. Ordered from loud to quiet."""

    STRONG = "strong"
    WEAK = "weak"
    SILENT = "silent"


@dataclass(frozen=True)
class Weight:
    """What a range of text weighs.

    Attributes:
        tokens, bytes: counted by the weights of their parts; code tokens only, but bytes of all.
        body: bytes of bodies alone.
    """

    tokens: float
    bytes: float
    body: float

    @property
    def tier(self) -> Tier:
        if self.tokens >= STRONG_TOKENS or self.body >= STRONG_BYTES:
            return Tier.STRONG
        weak = self.tokens >= WEAK_TOKENS or self.bytes >= STRONG_BYTES
        return Tier.WEAK if weak else Tier.SILENT

    @property
    def tier_by_tokens(self) -> Tier:
        """Of a copy whose text differs, so that its bytes say nothing."""
        return Weight(self.tokens, 0, 0).tier


_HEADER = re.compile(rb"(?i)\blicen[sc]ed?\b|\bcopyright\b|\bwarrant(?:y|ies)\b|SPDX-")
_IMPORTS = tuple(symbol_of_word(word) for word in ("import", "from", "use", "using", "package"))
_IF = symbol_of_word("if")
_DEPTH = np.zeros(256, dtype=np.int64)
_DEPTH[list(b"([{")], _DEPTH[list(b")]}")] = 1, -1
_PROSE = bytes([COMMENT, STRING])
_NO_WORDS = bytes(set(range(FIRST_WORD)) - {NAME, ATTRIBUTE})
_ENTRY_BYTES = 40
_DATA_TOKENS = 12
_DATA_LITERALS = 4
_DATA_SHARE = 0.8


class Scale:
    """Weighs ranges of one text.

    Args:
        text: the bytes that were lexed.
        lexemes: all of them, comments included.
    """

    def __init__(self, text: bytes, lexemes: Lexemes) -> None:
        self._starts, self._ends = lexemes.starts, lexemes.ends
        self._comment = lexemes.symbols == COMMENT
        self.weights = _weights(text, lexemes)

    def weigh(self, start: int, end: int) -> Weight:
        """What the bytes from `start` to `end` weigh.

        Tokens count when they lie inside whole, bytes by their overlap; a gap between two tokens
        of a line counts as one byte, indentation as none.
        """
        low = int(np.searchsorted(self._ends, start, side="right"))
        high = int(np.searchsorted(self._starts, end, side="left"))
        if low >= high:
            return Weight(0.0, 0.0, 0.0)
        starts, ends = self._starts[low:high], self._ends[low:high]
        weights = self.weights[low:high]
        inside = (starts >= start) & (ends <= end) & ~self._comment[low:high]
        sizes = np.minimum(ends, end) - np.maximum(starts, start)
        sizes[:-1] += starts[1:] > ends[:-1]
        body = sizes[weights == Part.BODY.value]
        return Weight(
            float(weights[inside].sum()), float((weights * sizes).sum()), float(body.sum())
        )


def _weights(text: bytes, lexemes: Lexemes) -> np.ndarray:
    """The weight of each lexeme's part, shape (n,), float64."""
    count = len(lexemes)
    if not count:
        return np.zeros(0)
    symbols, starts = lexemes.symbols, lexemes.starts
    raw = np.frombuffer(text, dtype=np.uint8)
    lines = np.searchsorted(np.flatnonzero(raw == ord("\n")), starts)
    first_bytes = raw[starts]
    single = lexemes.ends - starts == 1
    depth = np.cumsum(_DEPTH[first_bytes] * single)
    # A snippet may close brackets that it doesn't open: depth counts from the lowest so far.
    floor = np.minimum(np.minimum.accumulate(depth), 0)
    outside = np.concatenate([[True], (depth - floor)[:-1] <= 0])
    comment = symbols == COMMENT
    new_line = np.concatenate([[True], lines[1:] > lines[:-1]])
    begins = new_line & (outside | comment)
    bounds = np.append(np.flatnonzero(begins), count).tolist()
    weights = np.full(count, Part.BODY.value)
    row = symbols.tobytes()
    for low, high in itertools.pairwise(bounds):
        start = int(starts[low])
        part = _part(row[low:high], text[start : start + _ENTRY_BYTES])
        if part is not Part.BODY:
            weights[low:high] = part.value
    weights[comment & (weights == Part.BODY.value)] = Part.PROSE.value
    _mark_headers(text, lexemes, weights)
    return weights


def _part(symbols: bytes, text: bytes) -> Part:
    """The part that a statement belongs to, by its symbols and how its text begins."""
    if not symbols.strip(_PROSE):
        return Part.PROSE
    if symbols[0] in _IMPORTS:
        return Part.IMPORT
    if symbols[0] == _IF and b"__name__" in text:
        return Part.ENTRY
    if len(symbols) >= _DATA_TOKENS:
        literals = symbols.count(STRING) + symbols.count(NUMBER)
        words = len(symbols.translate(None, _NO_WORDS))
        if literals >= _DATA_LITERALS and literals >= _DATA_SHARE * (literals + words):
            return Part.DATA
    return Part.BODY


def _mark_headers(text: bytes, lexemes: Lexemes, weights: np.ndarray) -> None:
    """Give blocks of comments and strings that speak of a licence the weight of a header."""
    prose = weights == Part.PROSE.value
    breaks = np.flatnonzero(np.diff(prose.astype(np.int8)) != 0) + 1
    for block in np.split(np.arange(len(weights)), breaks):
        if prose[block[0]] and _HEADER.search(
            text, int(lexemes.starts[block[0]]), int(lexemes.ends[block[-1]])
        ):
            weights[block] = Part.HEADER.value
