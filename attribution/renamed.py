"""Code → near-duplicates in a segment: copies with other names, literals, comments and layout.

Winnowed fingerprints of abstract tokens name candidates, stretches of a document that share some;
rare fingerprints count more. So do exact spans, even those too short to be told. Each candidate is
verified by lexing the source around it and aligning it along the diagonals (source lexeme less
query lexeme) that most of these lie on (see `attribution.alignment`). Two fingerprints on both
sides make a candidate, so every copy of 30 tokens is one unless its fingerprints are commonplace
(more than `MAX_POSTINGS` in the segment).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from attribution.alignment import Alignment, Code, Common, align, common
from attribution.fingerprints import Fingerprints, posting_keys
from attribution.lexing import lex
from attribution.segment import ANCHOR_STEP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attribution.index import LiveSegment
    from attribution.landmarks import Landmarks

MAX_POSTINGS = 256
_STRETCH_BYTES = 4096
"""Width of a candidate; longer copies are several."""
_MAX_DIAGONALS = 3


@dataclass(frozen=True)
class Candidate:
    """A stretch of a document that may hold a copy.

    Attributes:
        document: its number in the segment.
        tokens: query lexemes at which its fingerprints begin, shape (n,), int64.
        places: offset in the segment's text of the lexeme that corresponds to each.
        first, last: the lexemes of the query that they cover.
        distinct: different fingerprints.
        support: sum of the rarities of all.
    """

    document: int
    tokens: np.ndarray
    places: np.ndarray
    first: int
    last: int
    distinct: int
    support: float

    @property
    def rank(self) -> tuple[int, float]:
        """Sorts what shares the most with the query first."""
        return -self.distinct, -self.support


@dataclass(frozen=True)
class RenamedMatch:
    """A verified copy.

    Attributes:
        start, end: lexemes of the query.
        document: its number in the segment.
        source_start, source_end: offsets in the segment's text of the lexemes that correspond.
        common: what of these lexemes both texts have; its right side is the segment's text.
    """

    start: int
    end: int
    document: int
    source_start: int
    source_end: int
    common: Common
    alignment: Alignment


def known(segment: LiveSegment, marks: Fingerprints) -> np.ndarray:
    """For each fingerprint whether the segment has it (or one with the same 32 bits)."""
    _, counts = segment.segment.postings(posting_keys(marks.hashes))
    found: np.ndarray = counts > 0
    return found


def candidates(
    segment: LiveSegment, marks: Fingerprints, known_places: Landmarks, limit: int
) -> list[Candidate]:
    """At most `limit` places where copies may be, the best first; none overlaps another."""
    inner = segment.segment
    low, counts = inner.postings(posting_keys(marks.hashes))
    counts[counts > MAX_POSTINGS] = 0
    if not counts.any() and not len(known_places.tokens):
        return []
    which = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    hits = _Hits(
        np.concatenate([marks.first[which], known_places.tokens]),
        np.concatenate([marks.last[which], known_places.tokens]),
        np.concatenate([inner.places[low[which] + step], known_places.places]).astype(np.int64),
        np.concatenate([1.0 / counts[which], known_places.rarity]),
    )
    hits = hits.where(np.argsort(hits.places, kind="stable"))
    documents = inner.documents.numbers(hits.places)
    if segment.live is not None:
        living = segment.live[documents]
        hits, documents = hits.where(living), documents[living]
    found = _stretches(hits, documents)
    return sorted(islice(found, limit), key=lambda candidate: candidate.rank)


@dataclass(frozen=True)
class _Hits:
    """Places that correspond to lexemes of the query: `first` to `last`, shape (n,) each."""

    first: np.ndarray
    last: np.ndarray
    places: np.ndarray
    rarity: np.ndarray

    def where(self, chosen: np.ndarray) -> _Hits:
        return _Hits(
            self.first[chosen], self.last[chosen], self.places[chosen], self.rarity[chosen]
        )


def _stretches(hits: _Hits, documents: np.ndarray) -> Iterator[Candidate]:
    """The stretches of documents with the rarest fingerprints, given hits in order of place."""
    places, count = hits.places, len(hits.places)
    ends = np.minimum(
        np.searchsorted(places, places + _STRETCH_BYTES), np.searchsorted(documents, documents + 1)
    )
    sums = np.concatenate([[0.0], np.cumsum(hits.rarity)])
    support = sums[ends] - sums[:count]
    support[ends - np.arange(count) < 2] = 0.0
    while count and support.max() > 0:
        best = int(support.argmax())
        end = int(ends[best])
        tokens = hits.first[best:end]
        if (distinct := len(np.unique(tokens))) > 1:
            yield Candidate(
                int(documents[best]),
                tokens,
                places[best:end],
                int(tokens.min()),
                int(hits.last[best:end].max()),
                distinct,
                float(support[best]),
            )
        # What is taken counts no more, neither from here on nor for stretches that reach into it.
        support[int(np.searchsorted(ends, best, side="right")) : end] = 0.0


def verify(segment: LiveSegment, code: Code, candidate: Candidate) -> list[RenamedMatch]:
    """The copies that a candidate stands for; none overlaps another in the query."""
    base, source = _source_around(segment, candidate, len(code))
    found: list[RenamedMatch] = []
    for seed in _seeds(source, candidate, base):
        if any(match.start <= seed[0] < match.end for match in found):
            continue
        alignment = align(code, source, seed)
        if not alignment.is_copy:
            continue
        last = alignment.right_end - 1
        shared = common(code, source, alignment)
        found.append(
            RenamedMatch(
                alignment.left,
                alignment.left_end,
                candidate.document,
                base + int(source.lexemes.starts[alignment.right]),
                base + int(source.lexemes.ends[last]),
                replace(shared, right=base + shared.right, right_end=base + shared.right_end),
                alignment,
            )
        )
    return found


def _seeds(source: Code, candidate: Candidate, base: int) -> list[tuple[int, int]]:
    """A pair of lexemes on each of the diagonals with the most fingerprints."""
    starts = source.lexemes.starts
    offsets = candidate.places - base
    lexemes = np.minimum(np.searchsorted(starts, offsets), max(0, len(starts) - 1))
    # What lexes differently from here is an accident of 32-bit keys.
    sound = starts[lexemes] == offsets if len(starts) else np.zeros(len(lexemes), dtype=bool)
    pairs = list(zip(candidate.tokens[sound].tolist(), lexemes[sound].tolist(), strict=True))
    votes = Counter(right - left for left, right in pairs)
    best = [diagonal for diagonal, _ in votes.most_common(_MAX_DIAGONALS)]
    return [next(pair for pair in pairs if pair[1] - pair[0] == diagonal) for diagonal in best]


def _source_around(segment: LiveSegment, candidate: Candidate, tokens: int) -> tuple[int, Code]:
    """The part of the document that an alignment can reach, and its offset in the segment's text.

    From a fingerprint an alignment reaches as many lexemes back as stand before it in the query,
    and as many ahead as follow. Anchors stand at every 64th, and lexing can begin at any of them.
    """
    inner = segment.segment
    start, end = inner.document_text(candidate.document)
    # Needles of another type would have numpy convert all anchors.
    first, limit = np.searchsorted(inner.anchors, np.array([start, end], dtype="<u4")).tolist()
    here = np.searchsorted(inner.anchors, candidate.places.astype("<u4"), side="right") - 1
    begin = here + (-candidate.tokens) // ANCHOR_STEP
    # In repetitive code fingerprints lie on many diagonals; where most begin is looked at.
    near = np.abs(begin - Counter(begin.tolist()).most_common(1)[0][0]) <= 1
    ahead = (ANCHOR_STEP - 1 + tokens - candidate.tokens) // ANCHOR_STEP
    low = max(first, int(begin[near].min()))
    high = int((here + ahead)[near].max()) + 1
    base = int(inner.anchors[low])
    text = inner.text[base : int(inner.anchors[high]) if high < limit else end]
    language = inner.documents[candidate.document].language
    return base, Code(text, lex(text, language).code())
