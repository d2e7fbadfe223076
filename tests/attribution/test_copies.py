"""Which lines a copy names: those of its source that the text really has."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from attribution.findings import Kind
from attribution.query import check, examine
from tests.attribution.samples import ABOVE, BELOW, CANARY, NAMES, renamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from attribution.findings import Finding, Report
    from attribution.index import Index

HEAD = [
    '"""How sand behaves.',
    *(f"    Remark {n} says that the tide comes back every {n} days." for n in range(12)),
    '"""',
]
TAIL = [
    "def settled(moment):",
    '    """Where the grains lie.',
    *(f"        The finest grains lie on top of layer {n}." for n in range(12)),
    '    """',
    "    return moment",
]
LINES = [*ABOVE.splitlines(), *HEAD, *CANARY.splitlines(), *TAIL, *BELOW.splitlines()]
IN_HEAD, IN_TAIL = LINES.index(HEAD[7]) + 1, LINES.index(TAIL[8]) + 1
LAST_OF_HEAD, FIRST_OF_TAIL = LINES.index('"""') + 1, LINES.index(TAIL[0]) + 1
"""Numbers of lines, from 1."""

LAYOUTS = pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("    ", "\t"),
        lambda text: text.replace("    ", "\t").replace("\n", "\r\n"),
        lambda text: text.replace("    ", "  "),
    ],
    ids=["tabs", "tabs and CRLF", "two spaces"],
)


@pytest.fixture
def index(open_of: Callable[..., Index]) -> Index:
    return open_of({"sand.py": "\n".join(LINES) + "\n"})


def snippet(first: int, last: int) -> str:
    return "\n".join(LINES[first - 1 : last]) + "\n"


def the_copy(report: Report) -> Finding:
    (found,) = [item for item in report.findings if item.kind is not Kind.EXACT]
    return found


def named(found: Finding) -> tuple[int, int]:
    (source,) = found.holders.sources
    assert source.text.splitlines() == LINES[source.first_line - 1 : source.last_line]
    return source.first_line, source.last_line


@LAYOUTS
def test_a_copy_that_begins_inside_of_a_docstring_names_only_its_part(
    index: Index, change: Callable[[str], str]
) -> None:
    found = the_copy(check(index, change(snippet(IN_HEAD, FIRST_OF_TAIL)).encode(), "python"))
    assert found.kind is Kind.REFORMATTED
    assert (found.first_line, found.last_line) == (1, FIRST_OF_TAIL - IN_HEAD + 1)
    assert named(found) == (IN_HEAD, FIRST_OF_TAIL)


@LAYOUTS
def test_a_copy_that_ends_inside_of_a_docstring_names_only_its_part(
    index: Index, change: Callable[[str], str]
) -> None:
    first = LAST_OF_HEAD + 1
    found = the_copy(check(index, change(snippet(first, IN_TAIL)).encode(), "python"))
    assert found.kind is Kind.REFORMATTED
    assert (found.first_line, found.last_line) == (1, IN_TAIL - first + 1)
    assert named(found) == (first, IN_TAIL)


@pytest.mark.parametrize(
    ("first", "last"), [(IN_HEAD, FIRST_OF_TAIL), (LAST_OF_HEAD + 1, IN_TAIL)], ids=["head", "tail"]
)
def test_a_renamed_copy_names_only_its_part_of_a_docstring(
    index: Index, first: int, last: int
) -> None:
    names = {old: new for old, new in NAMES.items() if old in CANARY}
    found = the_copy(check(index, renamed(snippet(first, last), names).encode(), "python"))
    assert found.kind is Kind.RENAMED
    assert named(found) == (first, last)


def test_half_a_word_at_the_cut_is_no_line_of_the_copy(index: Index) -> None:
    text = "\n".join(LINES[IN_HEAD - 1 : FIRST_OF_TAIL]).replace("    ", "\t")
    cut = text[text.index("days.") + 2 :]  # "ys." and all that follows
    assert named(the_copy(check(index, cut.encode(), "python"))) == (IN_HEAD + 1, FIRST_OF_TAIL)


def test_a_whole_docstring_belongs_to_a_copy_in_another_layout(index: Index) -> None:
    first, last = LINES.index(HEAD[0]) + 1, FIRST_OF_TAIL
    text = snippet(first, last).replace("    ", "\t")
    assert named(the_copy(check(index, text.encode(), "python"))) == (first, last)


def test_a_docstring_with_other_words_does_not_belong_to_a_copy(index: Index) -> None:
    first = LINES.index(HEAD[0]) + 1
    code = snippet(LAST_OF_HEAD + 1, FIRST_OF_TAIL).replace("    ", "\t")
    for other in ('"""Nothing\nelse."""\n', '"""Nothing."""\n'):
        found = the_copy(check(index, (other + code).encode(), "python"))
        assert named(found) == (LAST_OF_HEAD + 1, FIRST_OF_TAIL)
        assert found.first_line == other.count("\n") + 1
    # Up to the first word that is another.
    same = '"""Else\n' + "\n".join(HEAD[9:]) + "\n"
    found = the_copy(check(index, (same + code).encode(), "python"))
    assert named(found) == (first + 9, FIRST_OF_TAIL)
    assert found.first_line == 2


def test_a_suggestion_inside_of_which_a_docstring_ends_names_only_its_part(index: Index) -> None:
    text = snippet(IN_HEAD, FIRST_OF_TAIL).replace("    ", "\t")
    report = examine(index, 'def mine():\n\t"""', text, "python")
    assert named(the_copy(report)) == (IN_HEAD, FIRST_OF_TAIL)


def test_empty_lines_before_a_cut_docstring_belong_to_neither_side(index: Index) -> None:
    rest = "\n".join(HEAD[7:]) + "\n" + snippet(LAST_OF_HEAD + 1, FIRST_OF_TAIL)
    found = the_copy(check(index, f"\n\n{rest}".replace("    ", "\t").encode(), "python"))
    assert found.first_line == 3
    assert named(found) == (IN_HEAD, FIRST_OF_TAIL)


TWINS = '''\
class ShelfError(Exception):
    """No room."""

    def __init__(self, shelf, source=None, lineno=None):
        """Of one shelf."""
        parts = [repr(shelf), " is full"]
        if source is not None:
            message = ["While reading from ", repr(source)]
            if lineno is not None:
                message.append(f" [line {lineno:2d}]")
            message.append(": shelf ")
            message.extend(parts)
            parts = message
        else:
            parts.insert(0, "Shelf ")
        super().__init__("".join(parts))
        self.shelf = shelf


class JarError(Exception):
    """No lid."""

    def __init__(self, shelf, jar, source=None, lineno=None):
        """Of one jar."""
        parts = [repr(jar), " on ", repr(shelf),
                 " is full"]
        if source is not None:
            message = ["While reading from ", repr(source)]
            if lineno is not None:
                message.append(f" [line {lineno:2d}]")
            message.append(": jar ")
            message.extend(parts)
            parts = message
        else:
            parts.insert(0, "Jar ")
        super().__init__("".join(parts))
        self.jar = jar


class LidError(Exception):
    """No jar."""

    def __init__(self, shelf, source=None, lineno=None):
        """Of one lid."""
        parts = [repr(shelf), " is full"]
        if source is not None:
            message = ["While reading from ", repr(source)]
            if lineno is not None:
                message.append(f" [line {lineno:2d}]")
            message.append(": lid ")
            message.extend(parts)
            parts = message
        else:
            parts.insert(0, "Lid ")
        super().__init__("".join(parts))
        self.shelf = shelf
'''


@pytest.mark.parametrize("line", [n for n, s in enumerate(TWINS.splitlines(), 1) if "def " in s])
def test_of_near_twins_beside_each_other_the_one_is_named_that_was_copied(
    open_of: Callable[..., Index], line: int
) -> None:
    block = TWINS.splitlines()[line - 1 :]
    size = next((n for n, text in enumerate(block) if not text), len(block))
    found = the_copy(check(open_of({"twins.py": TWINS}), dedented(block[:size]), "python"))
    (source,) = found.holders.sources
    assert (source.first_line, source.last_line) == (line, line + size - 1)


def dedented(lines: list[str]) -> bytes:
    return (textwrap.dedent("\n".join(lines)) + "\n").encode()
