"""The tokenizer: every text comes back byte for byte, digits stand alone, sentinels are no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.tokenizer import (
    MIN_VOCABULARY,
    SPECIAL_TOKENS,
    as_pretrained,
    load_tokenizer,
    sentinel_ids,
    train_tokenizer,
)
from tests.pretrain.documents import module_text

if TYPE_CHECKING:
    from pathlib import Path

    from tokenizers import Tokenizer

any_text = st.text(st.characters(exclude_categories=["Cs"]))
hard_text = st.lists(
    st.one_of(
        any_text,
        st.sampled_from(["\r\n", "\r", "\t", "\x00", "\x0b\x0c", "  ", "\u2028", "é", "é", "👩‍💻"]),
        st.sampled_from([f"{token} " for token in SPECIAL_TOKENS] + SPECIAL_TOKENS),
        st.sampled_from(["def f(x):\n    return 12345\n", "<|endoftext", "|>"]),
    ),
    max_size=8,
).map("".join)


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def test_it_has_as_many_entries_as_asked_for_and_the_sentinels_come_first(
    tokenizer: Tokenizer,
) -> None:
    assert tokenizer.get_vocab_size() == 600
    assert sentinel_ids(tokenizer) == {s: number for number, s in enumerate(Sentinel)}


def test_a_vocabulary_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(InklingError, match=str(MIN_VOCABULARY - 1)):
        train_tokenizer(["text"], MIN_VOCABULARY - 1)


def test_a_tokenizer_of_next_to_nothing_still_knows_every_byte() -> None:
    smallest = train_tokenizer(["a"], MIN_VOCABULARY)
    assert smallest.get_vocab_size() == MIN_VOCABULARY
    text = "".join(map(chr, range(0x500)))
    assert smallest.decode(encode(smallest, text)) == text


@settings(max_examples=300, deadline=None)
@given(text=hard_text)
def test_every_text_comes_back_byte_for_byte_and_spells_no_sentinel(
    tokenizer: Tokenizer, text: str
) -> None:
    ids = encode(tokenizer, text)
    assert tokenizer.decode(ids, skip_special_tokens=False).encode() == text.encode()
    assert not set(ids) & set(sentinel_ids(tokenizer).values())


@given(st.integers(0, 10**12))
def test_digits_stand_alone(tokenizer: Tokenizer, number: int) -> None:
    text = f"x{number}y"
    pieces = [tokenizer.decode([token]) for token in encode(tokenizer, text)]
    assert [piece for piece in pieces if any(map(str.isdigit, piece))] == list(str(number))


def test_no_entry_of_the_vocabulary_holds_two_digits(tokenizer: Tokenizer) -> None:
    trained = train_tokenizer([f"{n} x{n}y" for n in range(1000, 3000)], 600)
    for entry in trained.get_vocab():
        assert entry in SPECIAL_TOKENS or sum(map(str.isdigit, entry)) <= 1


def test_training_is_the_same_every_time(tokenizer: Tokenizer) -> None:
    texts = [module_text(number) for number in range(10)]
    assert train_tokenizer(texts, 400).to_str() == train_tokenizer(texts, 400).to_str()


def test_it_is_read_from_its_file_with_special_tokens_off(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    path = tmp_path / "tokenizer.json"
    tokenizer.save(str(path))
    text = "x = '<fim_middle>' # <|endoftext|>"
    assert encode(load_tokenizer(path), text) == encode(tokenizer, text)


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_a_file_that_holds_no_tokenizer_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InklingError, match=r"tokenizer\.json"):
        load_tokenizer(path)


@settings(max_examples=50, deadline=None)
@given(text=hard_text)
def test_transformers_sees_the_same_tokens(tokenizer: Tokenizer, text: str) -> None:
    ids = as_pretrained(tokenizer)(text, add_special_tokens=False)["input_ids"]
    assert ids == encode(tokenizer, text)
