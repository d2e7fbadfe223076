"""BM25 against the formula written out."""

from __future__ import annotations

import math

import pytest

from inkling.ranking import bm25, words


def test_names_count_whole_and_in_parts() -> None:
    assert words("readHTTPHeader(user_name, x2)") == [
        "readHTTPHeader", "read", "http", "header", "user_name", "user", "name", "x2",
    ]  # fmt: skip


def test_the_formula() -> None:
    texts = ["alpha beta", "alpha alpha gamma delta", "beta"]
    mean = (2 + 4 + 1) / 3
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))

    def expected(count: int, length: int) -> float:
        return idf * count * 2.2 / (count + 1.2 * (1 - 0.75 + 0.75 * length / mean))

    assert bm25("alpha", texts) == pytest.approx([expected(1, 2), expected(2, 4), 0.0])


def test_nothing_in_common_is_nothing() -> None:
    assert bm25("omega", ["alpha"]) == [0.0]
    assert bm25("alpha", []) == []
