"""MinHash signatures: the vectorised shingles are those of a naive set, the estimate is right."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.stages.signature import PERMUTATIONS, SHINGLE_WORDS, shingles, signature

words = st.lists(st.sampled_from(["a", "b", "_c1", "X", "longer_word"]), max_size=40)
separators = st.sampled_from([" ", "\n", " + ", "(", "...", "é"])


def naive_shingles(stream: list[str]) -> set[tuple[str, ...]]:
    """All 5-grams of words; fewer than five words are one shingle."""
    if len(stream) <= SHINGLE_WORDS:
        return {tuple(stream)}
    return {
        tuple(stream[start : start + SHINGLE_WORDS])
        for start in range(len(stream) - SHINGLE_WORDS + 1)
    }


def jaccard(left: set[object], right: set[object]) -> float:
    return len(left & right) / len(left | right)


@given(words, words, separators)
def test_shingles_are_those_of_a_naive_set_up_to_hashing(
    first: list[str], second: list[str], separator: str
) -> None:
    naive = [naive_shingles(stream) for stream in (first, second)]
    hashed = [set(shingles(separator.join(stream)).tolist()) for stream in (first, second)]
    assert [len(values) for values in hashed] == [len(values) for values in naive]
    assert len(hashed[0] & hashed[1]) == len(naive[0] & naive[1])


def test_shingles_are_sorted_and_distinct() -> None:
    values = shingles("a b c d e f " * 20)
    assert values.dtype == np.uint32
    assert values.tolist() == sorted(set(values.tolist()))


@pytest.mark.parametrize("text", ["", "()[]{}", "日本"])
def test_a_text_without_words_has_a_signature_too(text: str) -> None:
    assert signature(text).shape == (PERMUTATIONS,)


def test_the_signature_of_a_text_longer_than_one_block_is_that_of_its_shingle_set() -> None:
    rng = random.Random(3)
    text = " ".join(f"w{rng.randrange(10**6)}" for _ in range(9_000))
    assert len(shingles(text)) > 2 * 4096
    assert np.array_equal(signature(text), signature(f"{text}\n"))
    parts = [" ".join(text.split()[start : start + 3_004]) for start in range(0, 9_000, 3_000)]
    assert np.array_equal(signature(text), np.minimum.reduce([signature(p) for p in parts]))


def test_the_estimate_lies_within_the_error_that_theory_gives() -> None:
    """Standard error at similarity J is sqrt(J(1 - J)/250), at most .032."""
    rng = random.Random(4)
    errors = []
    for _ in range(60):
        stream = [f"w{rng.randrange(10**6)}" for _ in range(400)]
        changed = [
            f"w{rng.randrange(10**6)}" if rng.random() < share else word
            for share in [rng.random() * 0.2]
            for word in stream
        ]
        true = jaccard({*naive_shingles(stream)}, {*naive_shingles(changed)})
        left, right = signature(" ".join(stream)), signature(" ".join(changed))
        errors.append(float(np.mean(left == right)) - true)
    assert np.sqrt(np.mean(np.square(errors))) < 0.035
    assert abs(np.mean(errors)) < 0.015
