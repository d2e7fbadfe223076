"""A suggestion doesn't repeat what follows the cursor: the rest of its line, or the lines below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.rules.brackets import scan

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene

_WORD = re.compile(r"\w")
_LONG_QUOTES = ('"""', "'''")
_QUOTES = "\"'`"


def suffix_overlap(text: str, scene: Scene) -> str:
    """Drop the end of the last line where the rest of the cursor's line begins with the same.

    `b)` before `)` becomes `b`; `f()` before `)` stays, for its bracket closes its own.
    """
    rest = scene.rest_of_line.rstrip()
    stripped = text.rstrip()
    if not rest or not stripped:
        return text
    last_line = stripped[stripped.rfind("\n") + 1 :]
    for length in range(min(len(rest), len(last_line)), 0, -1):
        if last_line.endswith(rest[:length]) and _may_go(stripped, length, scene):
            return stripped[:-length]
    return text


def _may_go(text: str, length: int, scene: Scene) -> bool:
    kept, gone = text[:-length], text[-length:]
    if not gone.strip():
        return False
    if len(scan(kept, scene.language).opened) > len(scan(text, scene.language).opened):
        return False
    if any(kept.count(mark) % 2 > text.count(mark) % 2 for mark in _QUOTES):
        return False
    splits_word = bool(_WORD.match(gone)) and bool(_WORD.match(kept[-1:]))
    cursor_in_word = bool(_WORD.match(scene.before[-1:])) and bool(
        _WORD.match(scene.rest_of_line[:1])
    )
    return cursor_in_word or not splits_word


def duplicate_lines(text: str, scene: Scene) -> str:
    """Cut before the first line that begins to repeat the lines below the cursor.

    From there on every line has to be one of theirs, in order; the last may be cut off. Lines of
    brackets only are too common to tell anything; a line that ends a docstring tells.
    """
    if not scene.next_lines:
        return text
    lines = text.split("\n")
    whole = [scene.line_before + lines[0], *lines[1:]]
    for start, line in enumerate(whole):
        telling = _WORD.search(line) or (start and line.strip() in _LONG_QUOTES)
        if telling and _repeats(whole[start:], scene.next_lines):
            return "\n".join(lines[:start])
    return text


def _repeats(lines: list[str], below: list[str]) -> bool:
    own = [line.rstrip() for line in lines if line.strip()]
    if len(own) > len(below):
        own = own[: len(below)]
    *whole, last = own
    if whole != below[: len(whole)]:
        return False
    theirs = below[len(whole)]
    return theirs == last or (bool(whole) and theirs.startswith(last))
