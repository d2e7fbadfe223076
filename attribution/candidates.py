"""Where copies of a text may be: stretches of documents that share token fingerprints with it.

Winnowed fingerprints of abstract tokens name them, rare ones count more. So do exact spans, even
those too short to be told. The hits of all segments are ranked together. Two of them on both sides
make a candidate, so every copy of 30 tokens is one unless its fingerprints are commonplace (more
than `MAX_POSTINGS` in a segment) or the text is so long and so repetitive that all its hits would
take too much memory (`MAX_HITS`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from attribution.fingerprints import Fingerprints, posting_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attribution.index import LiveSegment
    from attribution.landmarks import Landmarks

MAX_POSTINGS = 256
MAX_HITS = 1_000_000
"""In a segment; the rarest fingerprints go first. Some 100 bytes each."""
_STRETCH_BYTES = 4096
"""Width of a candidate; longer copies are several."""
_BLOCK = 4096


@dataclass(frozen=True)
class Postings:
    """The token fingerprints of a text that a segment has.

    Attributes:
        marks: all of them.
        low, counts: where in the segment's `places` those of each begin, and how many there are;
            shape (n,).
    """

    segment: LiveSegment
    marks: Fingerprints
    low: np.ndarray
    counts: np.ndarray

    @property
    def known(self) -> Fingerprints:
        """Those that the segment has (or ones with the same 32 bits)."""
        return self.marks.where(self.counts > 0)


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

    segment: LiveSegment
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


def look_up(segments: Sequence[LiveSegment], marks: Fingerprints) -> list[Postings]:
    """What each segment has of a text's token fingerprints."""
    keys = posting_keys(marks.hashes)
    bounds = [item.segment.posting_bounds(keys) for item in segments]
    return [
        Postings(item, marks, *item.segment.postings(keys, within))
        for item, within in zip(segments, bounds, strict=True)
    ]


def candidates(found: Sequence[tuple[Postings, Landmarks]], limit: int) -> list[Candidate]:
    """At most `limit` places where copies may be, the best first; none overlaps another."""
    parts = [(postings.segment, _hits(postings, known)) for postings, known in found]
    parts = [(segment, hits) for segment, hits in parts if len(hits.places)]
    if not parts:
        return []
    # One text after the other, as if they were one segment.
    texts = np.cumsum([0, *(len(segment.segment.text) for segment, _ in parts)])
    numbers = np.cumsum([0, *(len(segment.segment.documents) for segment, _ in parts)])
    pooled = _Hits.joined(
        [
            replace(hits, places=hits.places + text, documents=hits.documents + number)
            for (_, hits), text, number in zip(parts, texts, numbers, strict=False)
        ]
    )
    best = []
    for begin, end, support in islice(_stretches(pooled), limit):
        which = int(np.searchsorted(texts, pooled.places[begin], side="right")) - 1
        tokens = pooled.first[begin:end]
        best.append(
            Candidate(
                parts[which][0],
                int(pooled.documents[begin] - numbers[which]),
                tokens,
                pooled.places[begin:end] - texts[which],
                int(tokens.min()),
                int(pooled.last[begin:end].max()),
                len(np.unique(tokens)),
                support,
            )
        )
    return sorted(best, key=lambda candidate: candidate.rank)


@dataclass(frozen=True)
class _Hits:
    """Places that correspond to lexemes of the query: `first` to `last`, shape (n,) each; in order
    of place."""

    first: np.ndarray
    last: np.ndarray
    places: np.ndarray
    documents: np.ndarray
    rarity: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[_Hits]) -> _Hits:
        """All of them, one part after the other."""
        names = (column.name for column in fields(cls))
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _hits(postings: Postings, known: Landmarks) -> _Hits:
    """Those of a segment that lie in documents that were not removed."""
    inner, live = postings.segment.segment, postings.segment.live
    marks, low = postings.marks, postings.low
    counts = _rarest(np.where(postings.counts > MAX_POSTINGS, 0, postings.counts))
    which = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.concatenate([inner.places[low[which] + step], known.places]).astype(np.int64)
    order = np.argsort(places, kind="stable")
    documents = inner.documents.numbers(places[order])
    if live is not None:
        order, documents = order[live[documents]], documents[live[documents]]
    return _Hits(
        np.concatenate([marks.first[which], known.tokens])[order],
        np.concatenate([marks.last[which], known.tokens])[order],
        places[order],
        documents,
        np.concatenate([1.0 / counts[which], known.rarity])[order],
    )


def _stretches(hits: _Hits) -> Iterator[tuple[int, int, float]]:
    """The stretches of documents with the rarest fingerprints, two different ones at least: the
    first hit, the one after the last, and the support."""
    places, count = hits.places, len(hits.places)
    ends = np.minimum(
        np.searchsorted(places, places + _STRETCH_BYTES),
        np.searchsorted(hits.documents, hits.documents + 1),
    )
    sums = np.concatenate([[0.0], np.cumsum(hits.rarity)])
    support = sums[ends] - sums[:count]
    support[ends - np.arange(count) < 2] = 0.0
    order = np.argsort(-support, kind="stable")
    for block in np.split(order, range(_BLOCK, count, _BLOCK)):
        for best in block[support[block] > 0].tolist():
            value, end = float(support[best]), int(ends[best])
            if value == 0:
                continue
            if hits.first[best:end].min() < hits.first[best:end].max():
                yield best, end, value
            # What is taken counts no more, neither from here on nor for stretches that reach into
            # it.
            support[int(np.searchsorted(ends, best, side="right")) : end] = 0.0


def _rarest(counts: np.ndarray) -> np.ndarray:
    """The counts of the rarest fingerprints that make `MAX_HITS` at most, the others as 0."""
    if counts.sum() <= MAX_HITS:
        return counts
    order = np.argsort(counts, kind="stable")
    kept = counts.copy()
    kept[order[np.cumsum(counts[order]) > MAX_HITS]] = 0
    return kept
