"""The syntax rule: incremental parsing agrees with parsing afresh, and true code is never cut."""

from __future__ import annotations

import random
import string
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.grammars import parsers
from inkling.languages import LANGUAGES
from lsp_server.rules.scene import Scene
from lsp_server.rules.syntax import Syntax, count_errors, syntax_error
from tests.lsp_server.answers import SOURCE


def tree_of(text: str) -> str:
    return str(parsers("python")[0].parse(text.encode()).root_node)


EDITS = st.lists(
    st.tuples(st.integers(0, 700), st.integers(0, 30), st.text("ab(:\n é😀'\"#", max_size=6)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20)
@given(EDITS)
def test_from_key_to_key_it_is_the_same_as_parsing_afresh(
    edits: list[tuple[int, int, str]],
) -> None:
    text = SOURCE
    syntax = Syntax.of("python", text, "")
    for start, length, insertion in edits:
        start = min(start, len(text))
        text = text[:start] + insertion + text[start + length :]
        cursor = start + len(insertion)
        syntax = Syntax.of("python", text[:cursor], text[cursor:], syntax)
        assert syntax is not None
        assert syntax.data == text.encode()
        assert str(syntax.tree.root_node) == tree_of(text)


@settings(max_examples=20)
@given(st.integers(0, len(SOURCE)), st.text("ab(:\n é😀", max_size=8))
def test_a_trial_does_not_change_the_document(cursor: int, text: str) -> None:
    before, after = SOURCE[:cursor], SOURCE[cursor:]
    syntax = Syntax.of("python", before, after)
    assert syntax is not None
    fresh = parsers("python")[0].parse((before + text + after).encode())
    assert syntax.errors_with(text) == count_errors(fresh.root_node)
    assert str(syntax.tree.root_node) == tree_of(SOURCE)


@pytest.mark.parametrize("module", [string, textwrap], ids=lambda module: module.__name__)
def test_what_people_wrote_is_never_cut(module: object) -> None:
    """Any hole in sound code, filled with what stood there, stays whole."""
    text = Path(str(getattr(module, "__file__", ""))).read_text(encoding="utf-8")
    generator = random.Random(0)
    lines = text.split("\n")
    for _ in range(15):
        row = generator.randrange(len(lines))
        start = len("\n".join(lines[:row])) + bool(row)
        column = generator.randrange(len(lines[row]) + 1)
        end = start + len("\n".join(lines[row : row + generator.randrange(1, 5)]))
        before, middle, after = text[: start + column], text[start + column : end], text[end:]
        syntax = Syntax.of("python", before, after)
        assert syntax_error(middle, Scene(before, after, "python", syntax=syntax)) == middle


@pytest.mark.parametrize("name", [row.name for row in LANGUAGES if row.grammar])
def test_every_grammar_of_the_table_loads(name: str) -> None:
    assert parsers(name)


@pytest.mark.parametrize("name", ["kotlin", "klingon", None])
def test_other_languages_have_none(name: str | None) -> None:
    assert parsers(name) == ()
    assert Syntax.of(name, "x", "y") is None


def test_typescript_with_markup_takes_the_other_grammar() -> None:
    text = "const a = <div className='x'>{name}</div>;\n"
    syntax = Syntax.of("typescript", text, "")
    assert syntax is not None
    assert not syntax.tree.root_node.has_error


def test_a_large_document_is_parsed_around_the_cursor() -> None:
    before = "x = 1\n" * 100_000
    syntax = Syntax.of("python", before + "y = ", "\n" + before)
    assert syntax is not None
    assert len(syntax.data) < 60_000
    assert syntax.errors_with("1") < syntax.errors_with("1 1")
