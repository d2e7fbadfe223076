"""The exact user: what it takes, and how many keys a text costs it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evaluation.replay.typist import choose, count_keys, next_key

texts = st.text("ab (\n", min_size=1, max_size=20)


def test_enter_brings_the_indentation_along() -> None:
    assert count_keys("if x:\n        y") == len("if x:") + 1 + len("y")
    assert next_key("\n    y") == "\n    "


def test_a_suggestion_that_is_what_comes_next_is_taken_whole() -> None:
    taken = choose("add(entry)\n", "add(entry)\nclose()")
    assert taken is not None
    assert (taken.kind, taken.text) == ("whole", "add(entry)\n")


def test_of_a_longer_one_the_first_line_or_the_first_word_is_taken() -> None:
    line = choose("add(entry)\nwrong()", "add(entry)\nclose()")
    assert line is not None
    assert (line.kind, line.text) == ("line", "add(entry)")
    word = choose("add(wrong)", "add(entry)")
    assert word is not None
    assert (word.kind, word.text) == ("word", "add")


def test_what_is_wrong_or_saves_no_key_is_not_taken() -> None:
    assert choose("sub(", "add(") is None
    assert choose("a", "add(") is None
    assert choose("\n    ", "\n    x") is None


@given(texts, texts)
def test_what_is_taken_is_always_what_comes_next(suggestion: str, rest: str) -> None:
    taken = choose(suggestion, rest)
    if taken is not None:
        assert rest.startswith(taken.text)
        assert suggestion.startswith(taken.text)
        assert count_keys(taken.text) > 1


@given(texts)
def test_keys_add_up_to_the_text(text: str) -> None:
    rest, keys = text, []
    while rest:
        keys.append(next_key(rest))
        rest = rest[len(keys[-1]) :]
    assert "".join(keys) == text
    assert len(keys) == count_keys(text)
