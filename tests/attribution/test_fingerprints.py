"""Winnowing keeps its promise, and the filter never forgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.bloom import BloomFilter
from attribution.fingerprints import (
    CHARACTER_GRAM,
    CHARACTER_WINDOW,
    START_GRAM,
    TOKEN_GRAM,
    TOKEN_WINDOW,
    character_fingerprints,
    gram_hashes,
    start_hashes,
    token_fingerprints,
)
from attribution.normal_form import word_starts

if TYPE_CHECKING:
    from pathlib import Path

letters = st.text(alphabet="abcdefgh019", min_size=0, max_size=120)


def as_array(text: bytes) -> np.ndarray:
    return np.frombuffer(text, dtype=np.uint8)


def naive_winnow(hashes: list[int], window: int) -> set[int]:
    if not hashes:
        return set()
    window = min(window, len(hashes))
    return {
        place
        for first in range(len(hashes) - window + 1)
        for place in range(first, first + window)
        if hashes[place] == min(hashes[first : first + window])
    }


@given(letters)
def test_it_keeps_the_smallest_hash_of_every_window(text: str) -> None:
    raw = as_array(text.encode())
    found = character_fingerprints(raw)
    expected = naive_winnow(gram_hashes(raw, CHARACTER_GRAM).tolist(), CHARACTER_WINDOW)
    assert set(found.first.tolist()) == expected
    assert (found.last - found.first == CHARACTER_GRAM - 1).all()


@settings(max_examples=50)
@given(
    st.text("abcdefghijk", min_size=50, max_size=70),
    letters, letters, letters, letters,
    st.sampled_from([" ", "\n    ", "\t", " . "]),
)  # fmt: skip
def test_fifty_common_letters_share_a_fingerprint_whatever_the_layout(
    common: str, a: str, b: str, c: str, d: str, gap: str
) -> None:
    spaced = gap.join(common[n : n + 7] for n in range(0, len(common), 7))
    left = character_fingerprints(as_array(f"{a}{common}{b}".encode()))
    right = character_fingerprints(as_array(f"{c}{spaced}{d}".encode()))
    assert set(left.hashes.tolist()) & set(right.hashes.tolist())


@settings(max_examples=50)
@given(
    st.lists(st.integers(1, 200), min_size=22, max_size=30, unique=True),
    *[st.lists(st.integers(1, 200), max_size=30)] * 4,
)
def test_twenty_two_common_tokens_share_a_fingerprint(
    common: list[int], a: list[int], b: list[int], c: list[int], d: list[int]
) -> None:
    assert TOKEN_GRAM + TOKEN_WINDOW - 1 == 22
    left = token_fingerprints(as_array(bytes(a + common + b)))
    right = token_fingerprints(as_array(bytes(c + common + d)))
    assert set(left.hashes.tolist()) & set(right.hashes.tolist())


def test_grams_that_repeat_a_few_symbols_are_left_out() -> None:
    assert len(token_fingerprints(as_array(bytes([3, 20, 3, 21] * 40)))) == 0


def test_the_filter_forgets_nothing_and_seldom_lies(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    # Winnowing picks small hashes, so the keys are not spread evenly.
    keys = generator.integers(0, 2**56, 50_000, dtype=np.uint64)
    BloomFilter.of(keys).save(tmp_path / "filter")
    for in_memory in (True, False):
        opened = BloomFilter.open(tmp_path / "filter", in_memory=in_memory)
        assert opened.holds(keys).all()
        others = generator.integers(0, 2**56, 200_000, dtype=np.uint64)
        assert opened.holds(others).mean() < 0.003


def test_a_filter_of_nothing_holds_nothing() -> None:
    empty = BloomFilter.of(np.zeros(0, dtype=np.uint64))
    assert not empty.holds(np.arange(1000, dtype=np.uint64)).any()


@given(st.lists(st.text("ab \n", max_size=80), min_size=1, max_size=4))
def test_word_starts_have_equal_hashes_where_the_same_bytes_follow(texts: list[str]) -> None:
    """As far as a document reaches; after each stands a zero byte."""
    raw = b"".join(text.encode() + b"\0" for text in texts)
    starts = np.flatnonzero(word_starts(as_array(raw)))
    hashes, whole = start_hashes(as_array(raw), starts)
    grams = [raw[start : start + START_GRAM] for start in starts.tolist()]
    assert whole.tolist() == [len(gram) == START_GRAM and 0 not in gram for gram in grams]
    pairs = {(g, int(h)) for g, h, w in zip(grams, hashes, whole, strict=True) if w}
    assert len(pairs) == len({g for g, _ in pairs}) == len({h for _, h in pairs})
