"""Candidates → near-duplicates: copies with other names, literals, comments and layout.

Each candidate is verified by lexing the source around it and aligning it along the diagonals
(source lexeme less query lexeme) that most of its fingerprints lie on (see
`attribution.alignment`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from attribution.alignment import Alignment, Code, Common, align, common
from attribution.lexing import lex
from attribution.segment import ANCHOR_STEP

if TYPE_CHECKING:
    from attribution.candidates import Candidate
    from attribution.index import LiveSegment

_MAX_DIAGONALS = 3


@dataclass(frozen=True)
class RenamedMatch:
    """A verified copy.

    Attributes:
        start, end: lexemes of the query.
        document: its number in `segment`.
        source_start, source_end: offsets in the segment's text of the lexemes that correspond.
        common: what of these lexemes both texts have; its right side is the segment's text.
    """

    start: int
    end: int
    segment: LiveSegment
    document: int
    source_start: int
    source_end: int
    common: Common
    alignment: Alignment


def verify(code: Code, candidate: Candidate) -> list[RenamedMatch]:
    """The copies that a candidate stands for; none overlaps another in the query."""
    base, source = _source_around(candidate, len(code))
    found: list[Alignment] = []
    for left, right in _seeds(source, candidate, base):
        if any(one.left <= left < one.left_end and one.is_identical for one in found):
            continue
        alignment = align(code, source, (left, right))
        if alignment.is_copy:
            found.append(alignment)
    kept: list[Alignment] = []
    for alignment in sorted(found, key=lambda one: one.farness):
        if all(alignment.left_end <= one.left or one.left_end <= alignment.left for one in kept):
            kept.append(alignment)
    return [_match(code, source, candidate, base, alignment) for alignment in kept]


def _match(
    code: Code, source: Code, candidate: Candidate, base: int, alignment: Alignment
) -> RenamedMatch:
    shared = common(code, source, alignment)
    return RenamedMatch(
        alignment.left,
        alignment.left_end,
        candidate.segment,
        candidate.document,
        base + int(source.lexemes.starts[alignment.right]),
        base + int(source.lexemes.ends[alignment.right_end - 1]),
        replace(shared, right=base + shared.right, right_end=base + shared.right_end),
        alignment,
    )


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


def _source_around(candidate: Candidate, tokens: int) -> tuple[int, Code]:
    """The part of the document that an alignment can reach, and its offset in the segment's text.

    From a fingerprint an alignment reaches as many lexemes back as stand before it in the query,
    and as many ahead as follow. Anchors stand at every 64th, and lexing can begin at any of them.
    """
    inner = candidate.segment.segment
    start, end = inner.document_text(candidate.document)
    # Needles of another type would have numpy convert all anchors.
    first, limit = np.searchsorted(inner.anchors, np.array([start, end], dtype="<u4")).tolist()
    here = np.searchsorted(inner.anchors, candidate.places.astype("<u4"), side="right") - 1
    begin = here + (-candidate.tokens) // ANCHOR_STEP
    # In repetitive code fingerprints lie on many diagonals; where most begin is looked at. A block
    # and its near twin beside it have nearly as many each.
    (_, most), *_ = common_begins = Counter(begin.tolist()).most_common(_MAX_DIAGONALS)
    chosen = [place for place, count in common_begins if 2 * count >= most]
    near = (np.abs(begin[:, None] - chosen) <= 1).any(axis=1)
    ahead = (ANCHOR_STEP - 1 + tokens - candidate.tokens) // ANCHOR_STEP
    low = max(first, int(begin[near].min()))
    high = int((here + ahead)[near].max()) + 1
    base = int(inner.anchors[low])
    text = inner.text[base : int(inner.anchors[high]) if high < limit else end]
    language = inner.documents[candidate.document].language
    return base, Code(text, lex(text, language).code())
