"""From documents to examples: nothing is lost or truncated, and every draw is reproducible."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.layout import Sentinel
from pretrain.examples import ExampleMaker, ExampleOptions, split_into_pieces
from pretrain.fim import FimMix
from tests.pretrain.documents import document, module_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

hard_texts = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        st.sampled_from(
            ["\n", "\r\n", "    x = 1\n", "é" * 60, "日本語" * 40, "x" * 300, "\n\n\n"]
        ),
    ),
    min_size=1,
    max_size=20,
).map("".join)


def token_starts(maker: ExampleMaker, text: str) -> list[int]:
    return [start for start, _ in maker.tokenizer.encode(text, add_special_tokens=False).offsets]


def text_of(maker: ExampleMaker, tokens: Sequence[int]) -> str:
    return str(maker.tokenizer.decode(list(tokens), skip_special_tokens=False))


def parts_of(tokens: Sequence[int], ids: Mapping[Sentinel, int]) -> dict[Sentinel, list[int]]:
    """Sentinel → the tokens that follow it, up to the next sentinel."""
    sentinels = {number: sentinel for sentinel, number in ids.items()}
    parts: dict[Sentinel, list[int]] = {}
    current: list[int] = []
    for token in tokens:
        if token in sentinels:
            current = parts.setdefault(sentinels[token], [])
        else:
            current.append(token)
    return parts


# --- pieces ----------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(text=hard_texts, room=st.integers(20, 80))
def test_pieces_together_are_the_text_and_none_is_empty(
    maker: ExampleMaker, text: str, room: int
) -> None:
    pieces = list(split_into_pieces(text, token_starts(maker, text), room))
    assert "".join(pieces) == text
    assert all(pieces)


@settings(max_examples=200, deadline=None)
@given(text=hard_texts, room=st.integers(20, 80))
def test_a_piece_holds_about_as_many_tokens_as_there_is_room_for(
    maker: ExampleMaker, text: str, room: int
) -> None:
    for piece in split_into_pieces(text, token_starts(maker, text), room):
        assert len(maker.encode(piece)) <= room + 16  # a cut may split tokens at both its sides


def test_pieces_begin_at_line_starts_where_lines_are_short(maker: ExampleMaker) -> None:
    text = module_text(1, functions=20)
    pieces = list(split_into_pieces(text, token_starts(maker, text), 60))
    assert len(pieces) > 10
    assert all(before.endswith("\n") for before, _ in pairwise(pieces))


def test_a_text_that_fits_is_one_piece(maker: ExampleMaker) -> None:
    text = module_text(1, functions=1)
    assert list(split_into_pieces(text, token_starts(maker, text), 10_000)) == [text]


# --- examples --------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(text=hard_texts, epoch=st.integers(0, 3))
def test_no_example_is_longer_than_the_window(maker: ExampleMaker, text: str, epoch: int) -> None:
    for example in maker.examples(document(text), epoch):
        assert len(example) <= maker.options.window


def test_without_holes_the_examples_together_are_the_document(
    maker: ExampleMaker, ids: Mapping[Sentinel, int]
) -> None:
    text = module_text(4, functions=30) + "größe = '日本'\r\n"
    plain = replace(maker, options=replace(maker.options, mix=FimMix(rate=0)))
    examples = list(plain.examples(document(text)))
    assert len(examples) > 5
    joined = []
    for example in examples:
        assert example[-1] == ids[Sentinel.END]
        header, _, body = text_of(plain, parts_of(example, ids)[Sentinel.FILE]).partition("\n")
        assert header == "package/module.py"
        joined.append(body)
    assert "".join(joined) == text


def test_with_holes_prefix_middle_and_suffix_together_are_the_document(
    maker: ExampleMaker, ids: Mapping[Sentinel, int]
) -> None:
    text = module_text(5, functions=30)
    always = replace(maker, options=replace(maker.options, mix=FimMix(rate=1)))
    for epoch in range(5):
        joined = []
        for example in always.examples(document(text), epoch):
            assert example[-1] == ids[Sentinel.END]
            assert example.count(ids[Sentinel.END]) == 1
            parts = parts_of(example, ids)
            order = [s for s in parts if s in (Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE)]
            assert order == [Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE]
            pieces = (parts[s] for s in (Sentinel.PREFIX, Sentinel.MIDDLE, Sentinel.SUFFIX))
            joined += [text_of(always, piece) for piece in pieces]
        assert "".join(joined) == text


def test_a_text_that_spells_sentinels_forges_none(
    maker: ExampleMaker, ids: Mapping[Sentinel, int]
) -> None:
    text = "".join(f"x = '{sentinel.value}'\n" for sentinel in Sentinel)
    plain = replace(maker, options=ExampleOptions(1024, FimMix(rate=0), repo_share=1))
    (example,) = plain.examples(document(text, repo="<fim_middle>", path="<|endoftext|>.py"))
    specials = [token for token in example if token in ids.values()]
    assert specials == [ids[Sentinel.REPO], ids[Sentinel.FILE], ids[Sentinel.END]]


def test_examples_depend_on_document_and_epoch_alone(maker: ExampleMaker) -> None:
    one, other = document(module_text(6)), document(module_text(7))
    first = list(maker.examples(one))
    random.seed(99)
    list(maker.examples(other))
    assert list(maker.examples(one)) == first
    assert list(maker.examples(one, 1)) != first


def test_the_shares_of_holes_and_of_repository_names_are_as_configured(
    maker: ExampleMaker, ids: Mapping[Sentinel, int]
) -> None:
    """Of 600 documents a share of one half has a standard error of .02."""
    examples = [
        example
        for number in range(600)
        for example in maker.examples(document(module_text(number, functions=1)))
    ]
    assert len(examples) == 600
    holes = sum(ids[Sentinel.MIDDLE] in example for example in examples) / 600
    named = sum(ids[Sentinel.REPO] in example for example in examples) / 600
    assert holes == pytest.approx(0.5, abs=0.07)
    assert named == pytest.approx(0.5, abs=0.07)


def test_a_path_that_leaves_no_room_gives_no_example(maker: ExampleMaker) -> None:
    assert list(maker.examples(document(module_text(8), path="p/" * 500))) == []


def test_an_empty_document_gives_no_example(maker: ExampleMaker) -> None:
    assert list(maker.examples(document(""))) == []


def test_a_window_of_another_size_is_honoured(maker: ExampleMaker) -> None:
    wide = replace(maker, options=ExampleOptions(window=4096))
    text = module_text(9, functions=20)
    (example,) = wide.examples(document(text))
    assert 256 < len(example) <= 4096
