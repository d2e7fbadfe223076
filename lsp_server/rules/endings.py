"""How a suggestion ends: with a whole line, and without white space; and that it is worth a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.engine.records import FinishReason

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene


def unfinished_line(text: str, scene: Scene) -> str:
    """Drop a last line that the token limit cut off, after others that are whole."""
    if scene.finish is FinishReason.LENGTH and "\n" in text.strip():
        return text.rpartition("\n")[0]
    return text


def too_short(text: str, scene: Scene) -> str:
    """Nothing, unasked, where one character is left: taking it costs the same key as typing it."""
    return text if scene.invoked or len(text) > 1 else ""


def trailing_space(text: str, _scene: Scene) -> str:
    """Drop white space at the end, and on lines that hold nothing else."""
    lines = text.rstrip().split("\n")
    return "\n".join(line if index == 0 or line.strip() else "" for index, line in enumerate(lines))
