"""Packing: every sequence lies whole in one window, in little padding."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrain.packing import pack

WINDOW, PAD, END = 32, 0, 1
lengths = st.lists(st.integers(1, WINDOW), max_size=60)


def sequences_of(sizes: list[int]) -> list[list[int]]:
    """Sequences that can be told apart: each ends with END and holds its own number else."""
    return [[number + 2] * (size - 1) + [END] for number, size in enumerate(sizes)]


def unpacked(window: np.ndarray) -> list[list[int]]:
    tokens = window.tolist()
    while tokens and tokens[-1] == PAD:
        tokens.pop()
    sequences: list[list[int]] = []
    current: list[int] = []
    for token in tokens:
        current.append(token)
        if token == END:
            sequences.append(current)
            current = []
    assert not current
    return sequences


@given(lengths, st.integers(1, 20))
def test_every_sequence_lies_whole_in_just_one_window(sizes: list[int], open_windows: int) -> None:
    sequences = sequences_of(sizes)
    windows = list(pack(iter(sequences), WINDOW, PAD, open_windows))
    assert all(window.shape == (WINDOW,) and window.dtype == np.uint16 for window in windows)
    found = [sequence for window in windows for sequence in unpacked(window)]
    assert sorted(found) == sorted(sequences)


def test_padding_is_a_small_share() -> None:
    rng = random.Random(1)
    sizes = [rng.randint(20, 1000) for _ in range(5_000)]
    windows = sum(1 for _ in pack(([END] * size for size in sizes), 1024, PAD))
    assert 1 - sum(sizes) / (1024 * windows) < 0.03


def test_a_sequence_goes_into_the_fullest_window_that_has_room() -> None:
    windows = list(pack([[9] * 20, [8] * 26, [7] * 6, [6] * 12], WINDOW, PAD))
    assert sorted(sorted(set(window.tolist())) for window in windows) == [[6, 9], [7, 8]]


def test_no_sequences_give_no_windows() -> None:
    assert list(pack([], WINDOW, PAD)) == []


def test_a_sequence_longer_than_the_window_is_an_error() -> None:
    with pytest.raises(ValueError, match="33 tokens in a window of 32"):
        list(pack([[1] * 33], WINDOW, PAD))
