"""The n-gram baseline against a plain count of everything."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.ngram import NgramModel
from evaluation.ngram_build import sort_tokens

END = 0
VOCABULARY = 6

documents = st.lists(st.lists(st.integers(1, VOCABULARY - 1), max_size=12), min_size=1, max_size=5)
contexts = st.lists(st.integers(1, VOCABULARY - 1), max_size=8)


def model_of(corpus: list[list[int]], order: int, dtype: type = np.uint16) -> NgramModel:
    stream = [token for tokens in corpus for token in (END, *tokens)]
    return NgramModel(sort_tokens(np.array(stream, dtype=dtype)), VOCABULARY, order)


class PlainCounts:
    """The same definition, straight from the formula, over lists and dictionaries."""

    def __init__(self, corpus: list[list[int]], order: int) -> None:
        self.order = order
        self.following: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for tokens in corpus:
            whole = [END, *tokens, END]
            for position in range(1, len(whole)):
                for length in range(min(position, order) + 1):
                    self.following[tuple(whole[position - length : position])][whole[position]] += 1

    def longest_suffix(self, context: list[int]) -> int:
        lengths = range(1, min(self.order, len(context)) + 1)
        return max((k for k in lengths if tuple(context[-k:]) in self.following), default=0)

    def probability(self, token: int, context: list[int]) -> float:
        result = 1 / VOCABULARY
        for length in range(self.longest_suffix(context) + 1):
            counts = self.following[tuple(context[len(context) - length :])]
            total, types = counts.total(), len(counts)
            result = (counts[token] + types * result) / (total + types)
        return result


@given(documents, contexts, st.booleans(), st.integers(1, 6))
def test_probabilities_equal_a_plain_count_and_sum_to_one(
    corpus: list[list[int]], context: list[int], from_start: bool, order: int
) -> None:
    context = [END, *context] if from_start else context
    plain = PlainCounts(corpus, order)
    found = model_of(corpus, order).probabilities(context)
    assert found.sum() == pytest.approx(1)
    assert (found > 0).all()
    assert found == pytest.approx(
        [plain.probability(token, context) for token in range(VOCABULARY)]
    )


@given(documents, contexts, st.integers(1, 6))
def test_the_longest_suffix_is_the_one_that_a_scan_finds(
    corpus: list[list[int]], context: list[int], order: int
) -> None:
    ranges = model_of(corpus, order).ranges(context)
    assert len(ranges) == PlainCounts(corpus, order).longest_suffix(context)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_ids_that_fill_several_bytes_sort_as_numbers(dtype: type) -> None:
    highest = int(np.iinfo(dtype).max)
    stream = np.random.default_rng(0).choice(
        np.array([0, 1, 255 % highest, highest // 3, highest], dtype=dtype), 500
    )
    arrays = sort_tokens(stream)
    backwards = list(stream[::-1])
    assert list(arrays.suffixes) == sorted(range(500), key=lambda start: backwards[start:])
    assert list(arrays.followers) == [backwards[start - 1] for start in arrays.suffixes]


def test_a_frequent_context_is_counted_the_same_from_the_cache() -> None:
    corpus = [[1, 2, 1, 3, 1, 2] * 200]
    model = model_of(corpus, 2)
    first = model.probabilities([1])
    assert (model.probabilities([1]) == first).all()
    assert first[2] == pytest.approx(PlainCounts(corpus, 2).probability(2, [1]))
