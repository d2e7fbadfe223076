"""Text → maximal exact spans that a segment holds, in documents that were not removed.

From each word start of the text the longest run that the segment holds (itself from a word start
on) is found by binary search in the suffix array. A span is reported when it is long enough and
isn't contained in another one. So a copied run is found from its first whole word on, at any
alignment, and a gap is never bridged. Where only removed documents hold a longer run, a shorter
one with a living source takes its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from attribution.index import LiveSegment
    from attribution.segment import Segment

_CHUNK = 4096
_WINDOW = 512


def find_spans(
    segment: LiveSegment, text: bytes, starts: Sequence[int], min_bytes: int, beyond: int = 0
) -> Iterator[tuple[int, int]]:
    """Offsets (start, end) in `text` of the maximal spans; none contains another.

    Args:
        text: in comparable form, without zero bytes.
        starts: ascending offsets in `text` of words at which a span may begin.
        beyond: spans that end before this offset aren't looked for.

    Raises:
        ValueError: `min_bytes` is not positive.
    """
    if min_bytes < 1:
        raise ValueError(f"min_bytes is {min_bytes}")
    number = reported = 0
    while number < len(starts) and starts[number] + min_bytes <= len(text):
        start = starts[number]
        known = max(start + min_bytes, min(beyond, len(text)))
        end = _longest(segment, text, start, known)
        if end < known:
            number += 1
            continue
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
            key=lambda s: holds(segment, text[s : end + 1]),
        )


def holders(segment: LiveSegment, target: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The documents that hold `target` from a word start on.

    Returns:
        their numbers, ascending, and the offset in the segment's text of the first place in each.
    """
    low, high = _interval(segment, target)
    offsets = np.sort(segment.live_offsets(segment.segment.suffixes[low:high]))
    numbers, first = np.unique(segment.segment.documents.numbers(offsets), return_index=True)
    return numbers, offsets[first]


def occurrences(segment: LiveSegment, target: bytes, most: int) -> np.ndarray:
    """Offsets in the segment's text at which `target` stands; none if it is at more than `most`."""
    low, high = _interval(segment, target)
    if high - low > most:
        return np.zeros(0, dtype=np.int64)
    return segment.live_offsets(segment.segment.suffixes[low:high]).astype(np.int64)


def holds(segment: LiveSegment, target: bytes) -> bool:
    """Whether a document that was not removed holds `target` from a word start on."""
    inner = segment.segment
    if segment.live is not None:
        low, high = _interval(segment, target)
        return any(
            len(segment.live_offsets(inner.suffixes[place : min(place + _CHUNK, high)]))
            for place in range(low, high, _CHUNK)
        )
    text, suffixes, size = inner.text, inner.suffixes.data, len(target)
    low, high = inner.pinned(target)
    place = bisect_left(suffixes, target, low, high, key=lambda o: text[o : o + size])
    if place == len(suffixes):
        return False
    offset = suffixes[place]
    return text[offset : offset + size] == target


def _interval(segment: LiveSegment, target: bytes) -> tuple[int, int]:
    """The part of the suffix array whose suffixes begin with `target`."""
    text, suffixes, size = segment.segment.text, segment.segment.suffixes.data, len(target)

    def begins(offset: int) -> bytes:
        return text[offset : offset + size]

    low, high = segment.segment.pinned(target)
    first = bisect_left(suffixes, target, low, high, key=begins)
    width = 0
    while first + width < high and begins(suffixes[first + width]) == target:
        width = 2 * width + 1
    low, high = first + width // 2, min(first + width, high)
    return first, bisect_right(suffixes, target, low, high, key=begins)


def _longest(segment: LiveSegment, text: bytes, start: int, known: int) -> int:
    """End of the longest held run from `start` on; anything below `known` if that is too short."""
    if segment.live is None:
        return start + _reach(segment.segment, text, start, known - start)
    if not holds(segment, text[start:known]):
        return start
    step = known - start
    while known < len(text) and holds(segment, text[start : min(known + step, len(text))]):
        known = min(known + step, len(text))
        step *= 2
    limit = min(known + step, len(text))
    longer = range(known + 1, limit + 1)
    return known + bisect_left(longer, True, key=lambda e: not holds(segment, text[start:e]))


def _reach(segment: Segment, text: bytes, start: int, least: int) -> int:
    """Length of the longest run from `start` on that the segment holds, by one binary search; 0 if
    it is below `least`.

    The longest run in common is that with one of the two neighbours in the suffix array.
    """
    window = max(_WINDOW, 4 * least)
    target = text[start : start + window]
    size, source, suffixes = len(target), segment.text, segment.suffixes.data
    low, high = segment.pinned(target)
    place = bisect_left(suffixes, target, low, high, key=lambda o: source[o : o + size])
    neighbours = (source[o : o + size] for o in suffixes[max(low, place - 1) : place + 1].tolist())
    head = target[:least]
    best = max((_common(target, near) for near in neighbours if near[:least] == head), default=0)
    if best == size and start + size < len(text):
        return _reach(segment, text, start, size)
    return best


def _common(a: bytes, b: bytes) -> int:
    """Length of the common beginning."""
    sizes = range(1, min(len(a), len(b)) + 1)
    return bisect_left(sizes, True, key=lambda size: a[:size] != b[:size])


def _character_end(text: bytes, start: int, end: int) -> int:
    """`end`, moved back if it lies inside a UTF-8 character."""
    while start < end < len(text) and text[end] & 0xC0 == 0x80:
        end -= 1
    return end
