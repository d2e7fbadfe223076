"""Bits of a middle: which tokens count, and how the one that straddles the cursor does."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.holes import Hole
from evaluation.scoring import MiddleTokens, middle_bits, split_tokens
from evaluation.served import ServedSystem
from inkling.layout import FimContext
from lsp_server.engine.prompt import encode_context

if TYPE_CHECKING:
    from lsp_server.engine.engine import Engine
    from lsp_server.engine.vocabulary import Vocabulary

PIECES = [b"a", b"ab", b"abc", b"b", b"c", "é".encode(), b""]


def starting_with(head: bytes) -> np.ndarray:
    return np.array([token for token, piece in enumerate(PIECES) if piece.startswith(head)])


@given(st.lists(st.integers(0, len(PIECES) - 1), max_size=10), st.data())
def test_context_head_and_targets_make_the_text(ids: list[int], data: st.DataObject) -> None:
    text = b"".join(PIECES[token] for token in ids)
    cursor = data.draw(st.integers(0, len(text)))
    tokens = split_tokens(ids, PIECES.__getitem__, cursor)
    before = b"".join(PIECES[token] for token in tokens.context)
    assert before + tokens.head == text[:cursor]
    assert [*tokens.context, *tokens.targets] == ids
    if tokens.targets:
        first = PIECES[tokens.targets[0]]
        assert first.startswith(tokens.head)
        assert len(first) > len(tokens.head)


def test_without_a_straddling_token_the_bits_are_those_of_all_targets() -> None:
    row = np.log(np.array([0.5, 0.25, 0.125, 0.125, 1e-9, 1e-9, 1e-9]))
    tokens = MiddleTokens(context=(3,), head=b"", targets=(1, 3))
    assert middle_bits(tokens, [row, row], starting_with) == pytest.approx(2 + 3)


def test_raw_logits_give_the_same_bits_as_probabilities() -> None:
    row = np.random.default_rng(0).normal(size=7)
    tokens = MiddleTokens((), b"a", (2, 0))
    assert middle_bits(tokens, [row, row], starting_with) == pytest.approx(
        middle_bits(tokens, [row + 100, row - 3], starting_with)
    )


@given(st.lists(st.floats(-20, 20), min_size=7, max_size=7), st.sampled_from([b"a", b"ab", b"b"]))
def test_probabilities_of_all_tokens_that_begin_with_the_head_sum_to_one(
    logits: list[float], head: bytes
) -> None:
    row = np.array(logits)
    total = sum(
        2 ** -middle_bits(MiddleTokens((), head, (int(token),)), [row], starting_with)
        for token in starting_with(head)
    )
    assert total == pytest.approx(1)


def hole_of(prefix: str, typed: str, middle: str, suffix: str) -> Hole:
    return Hole("sample", "sample/m.py", prefix, typed, suffix, middle, "0" * 64, "inside")


def test_the_served_model_is_scored_token_by_token(engine: Engine, vocabulary: Vocabulary) -> None:
    hole = hole_of("import json\n", "", "def load(path):", "\n    return json.load(path)\n")
    # What stands above so short a file's line is typed text to the model.
    before = FimContext("", "", hole.suffix, hole.path, hole.package)
    above = vocabulary.encode(hole.prefix)
    prompt = [*encode_context(before, vocabulary), *above]
    expected = 0.0
    for token in vocabulary.encode(hole.prefix + hole.middle)[len(above) :]:
        logits = engine.session.feed(prompt)[0][0].astype(np.float64)
        expected -= (logits[token] - np.log(np.exp(logits).sum())) / math.log(2)
        prompt.append(token)
    assert ServedSystem(engine, 64).bits(hole) == pytest.approx(expected, rel=2e-3)


def test_typing_more_of_a_token_never_makes_the_rest_dearer_than_the_whole(
    engine: Engine, vocabulary: Vocabulary
) -> None:
    """The token is the same; renormalising over fewer rivals can only raise its probability."""
    word = max(
        (vocabulary.piece(token) for token in range(vocabulary.size)),
        key=lambda piece: len(piece) if piece.isalpha() else 0,
    ).decode()
    assert len(vocabulary.encode(word)) == 1
    system = ServedSystem(engine, 64)
    bits = [
        system.bits(hole_of("x = 1\n", word[:cut], word[cut:], "\n")) for cut in range(len(word))
    ]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] < bits[0]
