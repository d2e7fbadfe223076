"""A text prepared for the index: lexed, fingerprinted, and where it is worth to look closer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.alignment import Code
from attribution.fingerprints import (
    CHARACTER_WINDOW,
    IS_ALNUM,
    START_GRAM,
    TOKEN_WINDOW,
    character_fingerprints,
    start_hashes,
    token_fingerprints,
)
from attribution.lexing import NAME, SUPPORTED, Lexemes, lex, open_string
from attribution.matter import Scale

if TYPE_CHECKING:
    from attribution.candidates import Postings
    from attribution.fingerprints import Fingerprints
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
        tokens: their fingerprints; none without a lexer.
        follows: a hash of what follows each word start (see `start_hashes`), shape (n,), uint64;
            the last ones, which less follows, have none.
    """

    query: Query
    new: int
    scale: Scale
    code: Code | None
    characters: Fingerprints
    tokens: Fingerprints
    follows: np.ndarray

    @property
    def is_monotonous(self) -> bool:
        """Whether the code has far fewer different fingerprints than varied code."""
        if self.code is None:
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
    raw = np.frombuffer(text, dtype=np.uint8)
    characters = character_fingerprints(raw)
    code = Code(text, lexemes.code()) if supported else None
    tokens = token_fingerprints(code.lexemes.symbols if code else np.zeros(0, dtype=np.uint8))
    hashes, whole = start_hashes(raw, np.asarray(query.starts, dtype=np.int64))
    return Probe(query, new, Scale(text, lexemes), code, characters, tokens, hashes[whole])


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
    pairs = int(np.count_nonzero(names[1:] & names[:-1] & (lines[1:] == lines[:-1])))
    return len(lexemes) - _PAIR * pairs


def starts_to_try(postings: Postings, probe: Probe, shortest: int) -> list[int]:
    """Word starts that may begin a span of a segment, because all filters fire.

    Every common run of 50 letters and digits has a fingerprint that begins among its first 26;
    every common run of 22 tokens one that begins among its first 8. What follows each word start
    of a common run is known as well, as long as it is part of it.

    Args:
        shortest: bytes of the shortest span that counts, at least `START_GRAM`.
    """
    text = np.frombuffer(probe.query.text, dtype=np.uint8)
    segment = postings.segment.segment
    edges = np.zeros(len(text) + 2, dtype=np.int64)
    reached = False
    marks = probe.characters
    if len(marks):
        hits = segment.characters.holds(marks.hashes)
        reached = bool((marks.last[hits] >= probe.new).any())
        solid = np.flatnonzero(IS_ALNUM[text])
        ranks = np.searchsorted(solid, marks.first[hits])
        first = np.where(ranks < CHARACTER_WINDOW, 0, solid[ranks - CHARACTER_WINDOW])
        _mark(edges, first, marks.first[hits])
    if probe.code is not None:
        lexemes, known = probe.code.lexemes, postings.known
        reached |= bool((lexemes.ends[known.last] > probe.new).any())
        first = known.first
        _mark(edges, lexemes.starts[np.maximum(first - TOKEN_WINDOW, 0)], lexemes.starts[first])
    if not reached or not probe.query.starts:
        return []
    starts = np.asarray(probe.query.starts, dtype=np.int64)
    fires = (np.cumsum(edges) > 0)[starts]
    known_starts = np.zeros(len(starts), dtype=bool)
    known_starts[: len(probe.follows)] = segment.starts.holds(probe.follows)
    unknown = np.append(starts[~known_starts], len(text))
    next_unknown = unknown[np.searchsorted(unknown, starts)]
    chosen: list[int] = starts[fires & (next_unknown + START_GRAM > starts + shortest)].tolist()
    return chosen


def _mark(edges: np.ndarray, first: np.ndarray, last: np.ndarray) -> None:
    """Note ranges of offsets, both ends included, so that a running sum is positive in them."""
    np.add.at(edges, first, 1)
    np.add.at(edges, last + 1, -1)
