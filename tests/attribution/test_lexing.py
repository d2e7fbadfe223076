"""Lexemes: they agree with a full lexer, and a copy with other names has the same symbols."""

from __future__ import annotations

import colorsys
import inspect
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Name, String

from attribution.lexing import (
    ATTRIBUTE,
    COMMENT,
    NAME,
    NUMBER,
    STRING,
    SUPPORTED,
    lex,
    open_string,
)
from inkling.languages import BY_NAME
from tests.attribution.samples import CANARY, renamed

SOURCES = [inspect.getsource(module) for module in (textwrap, colorsys)]


def lexed(text: str, language: str = "python") -> list[tuple[int, str]]:
    raw = text.encode()
    found = lex(raw, language)
    return [
        (int(symbol), raw[start:end].decode())
        for symbol, start, end in zip(found.symbols, found.starts, found.ends, strict=True)
    ]


@pytest.mark.parametrize("text", SOURCES, ids=["textwrap", "colorsys"])
def test_comments_strings_and_names_are_those_of_pygments(text: str) -> None:
    """By the characters that each kind covers, since Pygments splits strings into pieces."""
    ours: dict[str, set[int]] = {"comment": set(), "string": set(), "name": set()}
    for symbol, start, end in zip(*_columns(text), strict=True):
        kind = {COMMENT: "comment", STRING: "string", NAME: "name", ATTRIBUTE: "name"}.get(symbol)
        if kind:
            ours[kind].update(range(start, end))
    theirs: dict[str, set[int]] = {"comment": set(), "string": set(), "name": set()}
    for offset, token, value in get_lexer_by_name("python").get_tokens_unprocessed(text):
        kind = "comment" if token in Comment else "string" if token in String else None
        if kind is None and token in Name and token not in Name.Builtin and value.isidentifier():
            kind = "name"
        if kind:
            theirs[kind].update(
                place
                for place in range(offset, offset + len(value))
                if value[place - offset].strip()
            )
    assert ours["comment"] >= theirs["comment"]
    # What stands in the braces of an f-string is code to Pygments and string to us.
    assert theirs["string"] <= ours["string"]
    assert theirs["name"] - ours["string"] <= ours["name"] | _words_of_their_own(text)


def _columns(text: str) -> tuple[list[int], list[int], list[int]]:
    assert text.isascii()
    found = lex(text.encode(), "python")
    return found.symbols.tolist(), found.starts.tolist(), found.ends.tolist()


def _words_of_their_own(text: str) -> set[int]:
    symbols, starts, ends = _columns(text)
    return {
        place
        for symbol, start, end in zip(symbols, starts, ends, strict=True)
        if symbol > 40
        for place in range(start, end)
    }


def test_other_names_literals_and_layout_leave_the_symbols_alone() -> None:
    changed = renamed(CANARY).replace("    ", "\t").replace(" ^ ", "^").replace("17", "0x11")
    changed = "# another comment\n" + changed.replace("\n", "  # remark\n")
    before, after = (lex(text.encode(), "python").code() for text in (CANARY, changed))
    assert before.symbols.tobytes() == after.symbols.tobytes()


def test_a_word_after_a_dot_is_an_attribute() -> None:
    assert [symbol for symbol, _ in lexed("a.b.from_x.type")][2::2] == [ATTRIBUTE] * 3


@pytest.mark.parametrize(
    ("language", "text", "kinds"),
    [
        ("python", 'rb\'a\\\'b\' + f"""x\n"y"""', [STRING, None, STRING]),
        ("python", "'never closed\nx", [None, NAME, NAME, NAME]),
        ("javascript", "`a\n${b}` // c", [STRING, COMMENT]),
        ("c", "/* a\n* b */ 0x1F", [COMMENT, NUMBER]),
        ("rust", "'a 'x' \"y\nz\"", [None, NAME, STRING, STRING]),
        ("sql", "select -- all\n1.5", [None, COMMENT, NUMBER]),
        ("ruby", "größe # straße", [NAME, COMMENT]),
    ],
)
def test_each_family_has_its_strings_and_comments(
    language: str, text: str, kinds: list[int | None]
) -> None:
    plain = (COMMENT, STRING, NUMBER, NAME)
    assert [s if s in plain else None for s, _ in lexed(text, language)] == kinds


@given(st.text(max_size=80), st.sampled_from(sorted(SUPPORTED)))
def test_any_text_is_lexed_and_nothing_but_white_space_is_left_out(
    text: str, language: str
) -> None:
    raw = text.encode()
    found = lex(raw, language)
    assert (found.starts[1:] >= found.ends[:-1]).all()
    gaps = bytearray(raw)
    for start, end in zip(found.starts, found.ends, strict=True):
        gaps[start:end] = b" " * int(end - start)
    assert not bytes(gaps).strip(b" \t\n\r\x0b\x0c" + bytes(range(0x1C, 0x20)))


def test_supported_languages_are_known() -> None:
    assert set(BY_NAME) >= SUPPORTED


@pytest.mark.parametrize(
    ("before", "quote"),
    [
        ("x = 1\n", ""),
        ('"""A docstring that goes on\n', '"""'),
        ('"""closed"""\n', ""),
        ("'''it''s \\''' open\n", "'''"),
        ('# it\'s a comment with """\n', ""),
        ('x = \'"""\'\n', ""),
    ],
)
def test_an_open_string_is_noticed(before: str, quote: str) -> None:
    assert open_string(before.encode(), "python") == quote.encode()
    assert open_string(before.encode(), "c") == b""
