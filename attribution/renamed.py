"""Code → near-duplicates in a segment: copies with other names, literals, comments and layout.

Winnowed fingerprints of abstract tokens name candidates; each is verified by lexing the source
around the place and aligning it (see `attribution.alignment`). Two fingerprints that lie together
on both sides make a candidate, so every copy of 30 tokens is one unless its fingerprints are
commonplace (more than `MAX_POSTINGS` places in the segment).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.alignment import Alignment, Code, align
from attribution.fingerprints import Fingerprints, posting_keys
from attribution.lexing import lex
from attribution.segment import ANCHOR_STEP

if TYPE_CHECKING:
    from attribution.index import LiveSegment

MAX_POSTINGS = 256
_MAX_TOKENS_APART = 64
_MAX_BYTES_A_TOKEN = 64


@dataclass(frozen=True)
class Candidate:
    """A document that may hold a copy.

    Attributes:
        document: its number in the segment.
        token: index of a lexeme of the query.
        place: offset in the segment's text of the lexeme that corresponds.
        last: index of the last lexeme of the query that a fingerprint covers.
        support: fingerprints that speak for it.
    """

    document: int
    token: int
    place: int
    last: int
    support: int


@dataclass(frozen=True)
class RenamedMatch:
    """A verified copy.

    Attributes:
        start, end: lexemes of the query.
        document: its number in the segment.
        source_start, source_end: offsets in the segment's text.
    """

    start: int
    end: int
    document: int
    source_start: int
    source_end: int
    alignment: Alignment


def known(segment: LiveSegment, marks: Fingerprints) -> np.ndarray:
    """For each fingerprint whether the segment has it (or one with the same 32 bits)."""
    tokens, keys = segment.segment.tokens, posting_keys(marks.hashes)
    if not len(tokens):
        return np.zeros(len(keys), dtype=bool)
    places = np.minimum(np.searchsorted(tokens, keys), len(tokens) - 1)
    found: np.ndarray = tokens[places] == keys
    return found


def candidates(segment: LiveSegment, marks: Fingerprints) -> list[Candidate]:
    """Where copies may be, the best supported first."""
    inner = segment.segment
    keys = posting_keys(marks.hashes)
    low = np.searchsorted(inner.tokens, keys, side="left")
    counts = np.searchsorted(inner.tokens, keys, side="right") - low
    counts[counts > MAX_POSTINGS] = 0
    if not counts.any():
        return []
    which = np.repeat(np.arange(len(keys)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = inner.places[low[which] + step].astype(np.int64)
    documents = inner.documents.numbers(places)
    if segment.live is not None:
        living = segment.live[documents]
        which, places, documents = which[living], places[living], documents[living]
    order = np.lexsort((marks.first[which], places))
    tokens, places, documents = marks.first[which][order], places[order], documents[order]
    return _clusters(tokens, marks.last[which][order], places, documents)


def _clusters(
    tokens: np.ndarray, lasts: np.ndarray, places: np.ndarray, documents: np.ndarray
) -> list[Candidate]:
    """Runs of fingerprints that lie together on both sides, at least two each."""
    ahead = np.diff(tokens)
    together = (
        (np.diff(documents) == 0)
        & (ahead > 0)
        & (ahead <= _MAX_TOKENS_APART)
        & (np.diff(places) <= ahead * _MAX_BYTES_A_TOKEN)
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[False], together, [False]]).astype(np.int8)))
    found = [
        Candidate(
            int(documents[first]),
            int(tokens[first]),
            int(places[first]),
            int(lasts[last]),
            int(last - first + 1),
        )
        for first, last in edges.reshape(-1, 2).tolist()
    ]
    return sorted(found, key=lambda item: (-item.support, item.document, item.place))


def verify(segment: LiveSegment, code: Code, candidate: Candidate) -> RenamedMatch | None:
    """The copy that a candidate stands for, or None if it is none."""
    base, source = _source_around(segment, candidate, len(code))
    seed = int(np.searchsorted(source.lexemes.starts, candidate.place - base))
    if seed == len(source) or source.lexemes.starts[seed] != candidate.place - base:
        return None  # an accident of 32-bit keys in a file that lexes differently from here
    found = align(code, source, (candidate.token, seed))
    if not found.is_copy:
        return None
    last = found.right + found.size - 1
    return RenamedMatch(
        found.left,
        found.left + found.size,
        candidate.document,
        base + int(source.lexemes.starts[found.right]),
        base + int(source.lexemes.ends[last]),
        found,
    )


def _source_around(segment: LiveSegment, candidate: Candidate, tokens: int) -> tuple[int, Code]:
    """The part of the document that an alignment can reach, and its offset in the segment's text.

    An alignment reaches `candidate.token` lexemes back and `tokens - candidate.token` ahead.
    Anchors stand at every 64th, and lexing can begin at any of them.
    """
    inner = segment.segment
    start, end = inner.document_text(candidate.document)
    first, limit = np.searchsorted(inner.anchors, [start, end]).tolist()
    here = int(np.searchsorted(inner.anchors, candidate.place, side="right")) - 1
    low = max(first, here - candidate.token // ANCHOR_STEP - 1)
    high = here + (tokens - candidate.token) // ANCHOR_STEP + 2
    base = int(inner.anchors[low])
    text = inner.text[base : int(inner.anchors[high]) if high < limit else end]
    language = inner.documents[candidate.document].language
    return base, Code(text, lex(text, language).code())
