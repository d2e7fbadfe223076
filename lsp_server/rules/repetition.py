"""Does a text go round in circles? What a small model does when it has nothing to say.

Only asked of completions that did not end by themselves: one that did may well repeat something.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.engine.records import FinishReason

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene

_LOOP = re.compile(r"(.{1,80}?)\1{3,}.{0,80}\Z", re.DOTALL)
_SHORTEST = 12


def repetition(text: str, scene: Scene) -> str:
    """Nothing if the model was stopped while it went in circles."""
    return "" if scene.finish is not FinishReason.END and goes_in_circles(text) else text


def goes_in_circles(text: str) -> bool:
    """Whether `text` ends in four or more copies of one string, the last perhaps cut off."""
    loop = _LOOP.search(text)
    if loop is None or len(loop[0]) < _SHORTEST:
        return False
    unit = loop[1]
    rest = text[loop.start() :]
    return (unit * (len(rest) // len(unit) + 1)).startswith(rest)
