"""Brackets: which are open, and the rule that a suggestion closes none that isn't.

A scanner, not a parser: it skips strings and comments by the look of them, so it serves languages
without a grammar too, and says so when it can't make sense of a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(CLOSER_OF.values())
_TRIPLE_QUOTES = frozenset({"python", "java", "kotlin", "swift", "scala", "julia", "toml", "c#"})
_BACKTICKS = frozenset({"javascript", "typescript", "go", "shell"})
# An apostrophe is a lifetime, a label or a quotation mark there, so only whole literals count.
_LONE_APOSTROPHES = frozenset({"rust", "haskell", "markdown", "html", "scala", "c++", None})
_QUOTES = frozenset("\"'`")
_SCANNED_CHARACTERS = 8_000


@dataclass(frozen=True)
class Balance:
    """What a text leaves open.

    Attributes:
        opened: brackets opened and not closed, outermost first.
        closed: closers of brackets that were not opened in the text, in order.
        offsets: where in the text the closers of `closed` stand.
        quote: delimiter of a string that is open at the end, else "".
        comment: whether the text ends in a comment.
        matched: False if some closer met an opener of another kind.
    """

    opened: str = ""
    closed: str = ""
    offsets: tuple[int, ...] = ()
    quote: str = ""
    comment: bool = False
    matched: bool = True

    @property
    def missing(self) -> str:
        """What would close all that is open."""
        return self.quote + "".join(CLOSER_OF[bracket] for bracket in reversed(self.opened))


def scan(text: str, language: str | None) -> Balance:
    """The balance of `text`, read from its start as code outside strings and comments."""
    opened: list[str] = []
    closed: list[str] = []
    offsets: list[int] = []
    quote = ""
    comment = False
    matched = True
    for found in _tokens(language).finditer(text):
        token = found[0]
        if token in CLOSER_OF:
            opened.append(token)
        elif token in _CLOSERS:
            if opened:
                matched &= CLOSER_OF[opened.pop()] == token
            else:
                closed.append(token)
                offsets.append(found.start())
        elif found.end() == len(text):
            quote = _open_quote(token)
            comment = token[0] not in _QUOTES
    return Balance("".join(opened), "".join(closed), tuple(offsets), quote, comment, matched)


def _open_quote(literal: str) -> str:
    """The delimiter of a string literal at the end of a text, if the text doesn't close it."""
    mark = literal[:3] if literal[:3] in ('"""', "'''") else literal[:1]
    if mark not in ('"""', "'''", '"', "'", "`"):
        return ""
    body = re.sub(r"\\.", "", literal[len(mark) :], flags=re.DOTALL)
    return "" if body.endswith(mark) else mark


@cache
def _tokens(language: str | None) -> re.Pattern[str]:
    """Literals and comments, which are skipped, and single brackets."""
    row = BY_NAME.get(language or "")
    parts = []
    if row is not None and row.line_comment == "//":
        parts += [r"//[^\n]*", r"/\*.*?(?:\*/|\Z)"]
    elif row is not None and row.line_comment is not None:
        parts.append(re.escape(row.line_comment) + r"[^\n]*")
    if language in _TRIPLE_QUOTES:
        parts += [rf"{mark}(?:\\.|[^\\])*?(?:{mark}|\Z)" for mark in ('"""', "'''")]
    if language in _BACKTICKS:
        parts.append(r"`(?:\\.|[^`\\])*(?:`|\Z)")
    parts.append(r'"(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)')
    if language in _LONE_APOSTROPHES:
        parts.append(r"'(?:\\[^\n]{1,8}?|[^'\\\n])'")
    else:
        parts.append(r"'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)")
    parts.append(r"[()\[\]{}]")
    return re.compile("|".join(parts), re.DOTALL)


def statement_start(before: str) -> int:
    """Where to begin reading `before`: a line without indentation some way above its end."""
    if len(before) <= _SCANNED_CHARACTERS:
        return 0
    found = re.compile(r"^[^\s)\]}]", re.MULTILINE).search(
        before, len(before) - _SCANNED_CHARACTERS
    )
    return found.start() if found else len(before)


def bracket_balance(text: str, scene: Scene) -> str:
    """Cut before the first closer of a bracket that isn't open, or that the document closes.

    What follows the cursor closes the outermost of the open brackets; a suggestion may close those
    that are left. Where there is a grammar, `syntax` knows better.
    """
    if scene.syntax is not None:
        return text
    own = scan(text, scene.language)
    if not own.closed:
        return text
    before = scan(scene.before[statement_start(scene.before) :], scene.language)
    after = scan(scene.after[:_SCANNED_CHARACTERS], scene.language)
    if before.quote or before.comment or not before.matched or before.closed:
        return text  # no code, or too strange to be judged
    theirs = after.closed
    expected = [CLOSER_OF[bracket] for bracket in reversed(before.opened)]
    free = expected[: max(0, len(expected) - len(theirs))]
    for index, (closer, offset) in enumerate(zip(own.closed, own.offsets, strict=True)):
        if index >= len(free) or free[index] != closer:
            return text[:offset]
    return text
