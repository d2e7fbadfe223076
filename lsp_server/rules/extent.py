"""One line or several? By what stands around the cursor, not by the model's taste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.rules.syntax import Syntax

_OPENS_A_BLOCK = (":", "{", "(", "[", "=>", "->", "|")


def lines_wanted(
    line_before: str,
    rest_of_line: str,
    language: str | None,
    most: int,
    parsed: Callable[[], Syntax | None] = lambda: None,
) -> int:
    """How many lines a suggestion may have where the user did not ask for it.

    One where text follows, in a comment or a string, and in the midst of a statement; up to `most`
    on a blank line and after what opens a block.

    Args:
        parsed: the syntax around the cursor, called only where the line itself doesn't tell.
    """
    if any(rule(line_before, rest_of_line, language) for rule in SINGLE_LINE):
        return 1
    syntax = parsed()
    return 1 if syntax is not None and syntax.in_text else most


def text_follows(_line: str, rest: str, _language: str | None) -> bool:
    """Text stands after the cursor on its line: more lines would tear it off."""
    return bool(rest.strip())


def in_comment(line: str, _rest: str, language: str | None) -> bool:
    """The line is a comment so far."""
    row = BY_NAME.get(language or "")
    mark = row.line_comment if row else None
    return mark is not None and line.lstrip().startswith(mark)


def in_statement(line: str, _rest: str, _language: str | None) -> bool:
    """A statement has begun on the line and opens no block yet."""
    begun = line.strip()
    return bool(begun) and not begun.endswith(_OPENS_A_BLOCK)


SINGLE_LINE: tuple[Callable[[str, str, str | None], bool], ...] = (
    text_follows,
    in_comment,
    in_statement,
)
