"""The suffix index finds what a plain search over all sequences finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.memory.suffix_index import SEPARATOR, SuffixIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

tokens = st.integers(0, 3)
sequences = st.lists(st.lists(tokens, max_size=12), max_size=4)


def by_plain_search(
    sequences: Sequence[Sequence[int]], end: Sequence[int]
) -> list[tuple[int, int]]:
    """(sequence, offset after the occurrence) of each occurrence of `end`."""
    return [
        (number, offset + len(end))
        for number, ids in enumerate(sequences)
        for offset in range(len(ids) - len(end) + 1)
        if list(ids[offset : offset + len(end)]) == list(end)
    ]


@given(sequences, st.lists(tokens, max_size=6), st.integers(1, 8))
def test_intervals_hold_all_occurrences_of_every_end_up_to_the_longest(
    sequences: list[list[int]], context: list[int], longest: int
) -> None:
    index = SuffixIndex(sequences)
    intervals = index.intervals(context, longest)
    assert [i.length for i in intervals] == list(range(1, len(intervals) + 1))
    for interval in intervals:
        after = index.following(interval, limit=1_000)
        numbers = index.sequence_of(after)
        found = [(int(n), int(p - index.starts[n])) for n, p in zip(numbers, after, strict=True)]
        assert sorted(found) == by_plain_search(sequences, context[-interval.length :])
    next_length = len(intervals) + 1
    if next_length <= min(longest, len(context)):
        assert by_plain_search(sequences, context[-next_length:]) == []


def test_a_match_never_crosses_from_one_sequence_into_the_next() -> None:
    index = SuffixIndex([[1, 2], [3, 4]])
    assert [i.length for i in index.intervals([2, 3], 8)] == [1]


def test_at_the_end_of_a_sequence_stands_the_separator() -> None:
    index = SuffixIndex([[1, 2]])
    (interval, *_) = index.intervals([2], 8)
    (position,) = index.following(interval, 8)
    assert index.tokens[position] == SEPARATOR


def test_a_limit_thins_the_occurrences_evenly() -> None:
    index = SuffixIndex([[7] * 100])
    (interval,) = index.intervals([7], 1)
    assert interval.count == 100
    assert len(index.following(interval, 10)) == 10


def test_an_index_of_nothing_finds_nothing() -> None:
    assert SuffixIndex([]).intervals([1, 2], 8) == []
