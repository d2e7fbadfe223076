"""A suggestion stays in the cursor's block and indents as the document does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene

_MARGIN = re.compile(r"[ \t]*")
# A line that starts so belongs to the block although it stands further left.
_CONTINUES = re.compile(
    r"[)\]}]|\}?\s*(?:elif|else|except|finally|catch|case|default|end|fi|done|esac|when|rescue|"
    r"ensure|then|do|while)\b"
)
_LOOKED_AT = 4_000


def indentation(text: str, scene: Scene) -> str:
    """Cut before the first line that leaves the cursor's block or mixes tabs with spaces.

    A line that closes a bracket or goes on with the statement (`else`, `except` …) ends the block
    with it, one that stands further left and does neither is left out.
    """
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    depth = _width(scene.line_before)
    foreign = _foreign_margin(scene)
    for index, line in enumerate(lines[1:], start=1):
        if not line.strip():
            continue
        margin = _margin(line)
        if foreign in margin if foreign else False:
            return "\n".join(lines[:index])
        if _width(line) < depth and not _CONTINUES.match(line.lstrip()):
            return "\n".join(lines[:index])
    return text


def _margin(line: str) -> str:
    found = _MARGIN.match(line)
    return found[0] if found else ""


def _width(line: str) -> int:
    return len(_margin(line).expandtabs(8))


def _foreign_margin(scene: Scene) -> str:
    """The character that the document around the cursor never indents with, else ""."""
    around = scene.before[-_LOOKED_AT:] + scene.after[:_LOOKED_AT]
    margins = {_margin(line)[:1] for line in around.split("\n") if line.strip()} - {""}
    if margins == {" "}:
        return "\t"
    return " " if margins == {"\t"} and not _aligns_with_spaces(around) else ""


def _aligns_with_spaces(around: str) -> bool:
    """Whether some lines have spaces after their tabs, as continuation lines do."""
    return any(" " in _margin(line) for line in around.split("\n") if line.strip())
