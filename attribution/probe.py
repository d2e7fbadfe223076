"""A text prepared for the index: lexed, fingerprinted, and where it is worth to look closer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.alignment import Code
from attribution.fingerprints import (
    CHARACTER_WINDOW,
    IS_ALNUM,
    TOKEN_WINDOW,
    character_fingerprints,
    token_fingerprints,
)
from attribution.lexing import NAME, SUPPORTED, Lexemes, lex, open_string
from attribution.matter import Scale
from attribution.renamed import known

if TYPE_CHECKING:
    from attribution.fingerprints import Fingerprints
    from attribution.index import LiveSegment
    from attribution.normal_form import Query

_ANY_LANGUAGE = "c"  # whose lexer weighs text that has none of its own
_TRIPLES = (b'"""', b"'''")
_PAIR = 4
"""How many sound lexemes two names in a row outweigh."""


@dataclass(frozen=True)
class Probe:
    """A text prepared for the index.

    Attributes:
        new: offset in `query.text` from which on the text counts.
        code: the code lexemes, if the language has a lexer.
    """

    query: Query
    new: int
    scale: Scale
    code: Code | None
    characters: Fingerprints
    tokens: Fingerprints | None

    @property
    def is_monotonous(self) -> bool:
        """Whether the code has far fewer different fingerprints than varied code."""
        if self.code is None or self.tokens is None:
            return False
        return len(set(self.tokens.hashes.tolist())) * (TOKEN_WINDOW + 1) < len(self.code)


def prepare(query: Query, new: int, language: str | None, quote: bytes | None) -> Probe:
    """Lex and fingerprint a text.

    Args:
        quote: what opened the string that the text begins in; empty if it begins outside of one;
            None if that isn't known; then what looks most like code is taken.
    """
    text = query.text
    supported = language is not None and language in SUPPORTED
    lexemes = _lex(text, language if supported and language else _ANY_LANGUAGE, quote)
    characters = character_fingerprints(np.frombuffer(text, dtype=np.uint8))
    code = tokens = None
    if supported:
        code = Code(text, lexemes.code())
        tokens = token_fingerprints(code.lexemes.symbols)
    return Probe(query, new, Scale(text, lexemes), code, characters, tokens)


def _lex(text: bytes, language: str, quote: bytes | None) -> Lexemes:
    """Lexemes of a text that may begin and end inside of a string."""
    if quote is not None:
        return _lex_within(text, language, quote)
    if language != "python" or not any(triple in text for triple in _TRIPLES):
        return lex(text, language)
    ways = [lex(text, language), *(_lex_within(text, language, q) for q in (b"", *_TRIPLES))]
    return max(ways, key=lambda found: _soundness(text, found))


def _lex_within(text: bytes, language: str, quote: bytes) -> Lexemes:
    whole = quote + text
    found = lex(whole + open_string(whole, language), language)
    starts, ends = found.starts - len(quote), found.ends - len(quote)
    # Where an escape hides the quote that was added, it is a lexeme of its own beyond the text.
    inside = (starts < len(text)) & (ends > 0)
    return Lexemes(
        np.maximum(starts[inside], 0), np.minimum(ends[inside], len(text)), found.symbols[inside]
    )


def _soundness(text: bytes, lexemes: Lexemes) -> int:
    """Large where much is code that could be: no grammar has two names in a row, prose has."""
    names = lexemes.symbols == NAME
    lines = np.searchsorted(
        np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n")), lexemes.starts
    )
    pairs = np.count_nonzero(names[1:] & names[:-1] & (lines[1:] == lines[:-1]))
    return len(lexemes) - _PAIR * pairs


def starts_to_try(segment: LiveSegment, probe: Probe) -> list[int]:
    """Word starts that may begin a span, because a filter fires a little further on.

    Every common run of 50 letters and digits has a fingerprint that begins among its first 26;
    every common run of 22 tokens one that begins among its first 8.
    """
    text = np.frombuffer(probe.query.text, dtype=np.uint8)
    edges = np.zeros(len(text) + 2, dtype=np.int64)
    reached = False
    marks = probe.characters
    if len(marks):
        hits = segment.segment.characters.holds(marks.hashes)
        reached = bool((marks.last[hits] >= probe.new).any())
        solid = np.flatnonzero(IS_ALNUM[text])
        ranks = np.searchsorted(solid, marks.first[hits])
        _mark(edges, solid[np.maximum(ranks - CHARACTER_WINDOW, 0)], marks.first[hits])
    if probe.tokens is not None and probe.code is not None and len(probe.tokens):
        hits = known(segment, probe.tokens)
        lexemes = probe.code.lexemes
        reached |= bool((lexemes.ends[probe.tokens.last[hits]] > probe.new).any())
        first = probe.tokens.first[hits]
        _mark(edges, lexemes.starts[np.maximum(first - TOKEN_WINDOW, 0)], lexemes.starts[first])
    if not reached or not probe.query.starts:
        return []
    starts = np.asarray(probe.query.starts, dtype=np.int64)
    chosen: list[int] = starts[(np.cumsum(edges) > 0)[starts]].tolist()
    return chosen


def _mark(edges: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
    """Note ranges of offsets, both ends included, so that a running sum is positive in them."""
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
