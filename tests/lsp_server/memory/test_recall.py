"""Occurrences as a distribution of the next token, and how it mixes with the model's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.memory.recall import Expectation, Recall
from lsp_server.memory.suffix_index import SEPARATOR


def recall(*rows: list[int], length: int = 8) -> Recall:
    return Recall(length, np.array(rows, dtype=np.uint32))


def weight(counts: list[int], length: int) -> float:
    return Expectation(np.arange(len(counts)), np.array(counts), length).weight


def test_the_most_frequent_token_is_expected() -> None:
    expectation = recall([1, 5], [1, 6], [2, 5]).expectation()
    assert expectation is not None
    token, probability = expectation.best()
    assert token == 1
    assert probability == pytest.approx(expectation.weight * 2 / 3)


def test_only_occurrences_that_agree_are_followed() -> None:
    after = recall([1, 5], [1, 6], [2, 7]).after(2)
    assert after is not None
    assert after.length == 9
    expectation = after.expectation()
    assert expectation is not None
    assert expectation.tokens.tolist() == [7]
    assert after.after(8) is None


def test_the_end_of_a_file_is_no_token() -> None:
    assert recall([SEPARATOR]).expectation() is None
    expectation = recall([SEPARATOR], [3]).expectation()
    assert expectation is not None
    assert expectation.tokens.tolist() == [3]


def test_long_frequent_and_unanimous_matches_are_believed_most() -> None:
    assert weight([1], 4) < weight([1], 8) < weight([1], 30)
    assert weight([1], 8) < weight([4], 8)
    assert weight([2, 2], 8) < weight([4], 8)


def test_the_memory_weighs_less_beside_a_model_that_is_sure_of_something_else() -> None:
    expectation = Expectation(np.array([3]), np.array([1]), 8)
    unsure, sure = expectation.weight_beside(0.2, 0.1), expectation.weight_beside(0.99, 1e-4)
    assert sure < unsure
    assert expectation.weight_beside(0.2, 0.01) < unsure
    assert 0 < expectation.weight_beside(1.0, 0.0) < expectation.weight_beside(0.0, 1.0) < 1


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=6),
    st.integers(1, 60),
    st.integers(0, 2**32 - 1),
)
def test_a_mixture_is_a_distribution_between_both(
    counts: list[int], length: int, seed: int
) -> None:
    model = np.random.default_rng(seed).dirichlet(np.ones(10)).astype(np.float32)
    expectation = Expectation(np.arange(len(counts)), np.array(counts), length)
    mixed = expectation.mixed_into(model)
    memory = np.zeros(10)
    memory[: len(counts)] = np.array(counts) / sum(counts)
    assert mixed.sum() == pytest.approx(1, abs=1e-5)
    assert 0 <= expectation.weight <= 1
    assert (mixed <= np.maximum(model, memory) + 1e-6).all()
    assert (mixed >= np.minimum(model, memory) - 1e-6).all()
