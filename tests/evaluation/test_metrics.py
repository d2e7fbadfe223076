"""Exact match and edit similarity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics import edit_similarity, exact_match


def plain_levenshtein(first: str, second: str) -> int:
    """The textbook recurrence."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


@given(st.text("abc é漢", max_size=8), st.text("abc é漢", max_size=8))
def test_edit_similarity_is_one_less_the_distance_by_the_longer_length(
    first: str, second: str
) -> None:
    first, second = first.rstrip(), second.rstrip()
    longest = max(len(first), len(second))
    expected = 1 - plain_levenshtein(first, second) / longest if longest else 1.0
    assert edit_similarity(first, second) == pytest.approx(expected)


def test_whitespace_at_the_end_is_not_compared() -> None:
    assert exact_match("return x", "return x  \t")
    assert edit_similarity("return x", "return x  \t") == 1.0
    assert not exact_match(" return x", "return x")
