"""Text → maximal exact spans that an index holds, with their sources.

From each word start of the text the longest run that the index holds (itself from a word start on)
is found by binary search in the suffix array. A span is reported when it is long enough and isn't
contained in another one. So a copied run is found from its first whole word on, at any alignment,
and a gap is never bridged.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attribution.normal_form import Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from attribution.segment import Segment, SourceDocument

MIN_BYTES = 150
MAX_SOURCES = 5


@dataclass(frozen=True)
class Source:
    """A place that holds a span; lines count from 1 and are those of the original file."""

    document: SourceDocument
    first_line: int
    last_line: int


@dataclass(frozen=True)
class Finding:
    """A run of the text that the index holds word for word.

    Attributes:
        start, end: offsets in the bytes of the text.
        first_line, last_line: of the text, from 1.
        bytes: length as it was compared, line ends counted once.
        holders: documents that hold it.
        sources: the first of them, in the order of the corpus; at most `MAX_SOURCES`.
    """

    start: int
    end: int
    first_line: int
    last_line: int
    bytes: int
    holders: int
    sources: tuple[Source, ...]


def find_sources(segment: Segment, raw: bytes, min_bytes: int = MIN_BYTES) -> Iterator[Finding]:
    """Every maximal run of at least `min_bytes` of the text `raw`, in order.

    Raises:
        ValueError: `min_bytes` is not positive.
    """
    query = Query.of(raw)
    for start, end in find_spans(segment, query, min_bytes):
        holders, sources = _sources(segment, query.text[start:end])
        yield Finding(
            query.original(start),
            query.original(end - 1) + 1,
            query.line(start),
            query.line(end - 1),
            end - start,
            holders,
            sources,
        )


def find_spans(segment: Segment, query: Query, min_bytes: int) -> Iterator[tuple[int, int]]:
    """Offsets (start, end) in `query.text` of the maximal spans; none contains another."""
    if min_bytes < 1:
        raise ValueError(f"min_bytes is {min_bytes}")
    text, starts = query.text, query.starts
    number = reported = 0
    while number < len(starts) and starts[number] + min_bytes <= len(text):
        start = starts[number]
        if not _holds(segment, text[start : start + min_bytes]):
            number += 1
            continue
        end = _longest(segment, text, start, start + min_bytes)
        whole = _character_end(text, start, end)
        if whole - start >= min_bytes and whole > reported:
            reported = whole
            yield start, whole
        if end == len(text):
            return
        # Later matches never end earlier, so whether one goes beyond `end` is monotone in where it
        # starts; the first that does is the next that this span doesn't contain.
        number = bisect_left(
            starts,
            True,
            lo=number + 1,
            hi=bisect_right(starts, end),
            key=lambda s: _holds(segment, text[s : end + 1]),
        )


def _interval(segment: Segment, target: bytes) -> tuple[int, int]:
    """The part of the suffix array whose suffixes begin with `target`."""
    text, suffixes, size = segment.text, segment.suffixes, len(target)

    def begins(offset: int) -> bytes:
        return text[offset : offset + size]

    low = bisect_left(suffixes, target, key=begins)
    return low, bisect_right(suffixes, target, lo=low, key=begins)


def _holds(segment: Segment, target: bytes) -> bool:
    text, suffixes, size = segment.text, segment.suffixes, len(target)
    place = bisect_left(suffixes, target, key=lambda offset: text[offset : offset + size])
    if place == len(suffixes):
        return False
    offset = suffixes[place]
    return text[offset : offset + size] == target


def _longest(segment: Segment, text: bytes, start: int, known: int) -> int:
    """End of the longest held run from `start` on, given that the one up to `known` is held."""
    step = known - start
    while known < len(text) and _holds(segment, text[start : min(known + step, len(text))]):
        known = min(known + step, len(text))
        step *= 2
    limit = min(known + step, len(text))
    longer = range(known + 1, limit + 1)
    return known + bisect_left(longer, True, key=lambda e: not _holds(segment, text[start:e]))


def _character_end(text: bytes, start: int, end: int) -> int:
    """`end`, moved back if it lies inside a UTF-8 character."""
    while start < end < len(text) and text[end] & 0xC0 == 0x80:
        end -= 1
    return end


def _sources(segment: Segment, target: bytes) -> tuple[int, tuple[Source, ...]]:
    low, high = _interval(segment, target)
    offsets = np.sort(segment.suffixes[low:high])
    numbers, first = np.unique(
        np.searchsorted(segment.starts, offsets, side="right") - 1, return_index=True
    )
    sources = tuple(
        _source(segment, int(number), int(offsets[index]), target)
        for number, index in zip(numbers[:MAX_SOURCES], first, strict=False)
    )
    return len(numbers), sources


def _source(segment: Segment, number: int, offset: int, target: bytes) -> Source:
    document = segment.document(number)
    first = segment.text[int(segment.starts[number]) : offset].count(b"\n") + 1
    last = first + target.count(b"\n", 0, len(target) - 1)
    if document.line_map is not None:
        first, last = document.line_map[first - 1], document.line_map[last - 1]
    return Source(document, first, last)
