"""Does a text go round in circles? What a small model does when it has nothing to say.

Only asked of completions that did not end by themselves: one that did may well repeat something.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from lsp_server.engine.records import FinishReason

if TYPE_CHECKING:
    from lsp_server.rules.scene import Scene

_LONGEST_UNIT = 80
_COPIES = 4
_SHORTEST = 12


def repetition(text: str, scene: Scene) -> str:
    """Nothing if the model was stopped while it went in circles."""
    return "" if scene.finish is not FinishReason.END and goes_in_circles(text) else text


def goes_in_circles(text: str) -> bool:
    """Whether `text` ends in four or more copies of one string, the last perhaps cut off."""
    units = range(1, min(_LONGEST_UNIT, len(text) // _COPIES) + 1)
    return any(unit + _repeated(text, unit) >= max(_COPIES * unit, _SHORTEST) for unit in units)


def _repeated(text: str, unit: int) -> int:
    """How many characters at the end of `text` equal those `unit` characters before them."""
    pairs = zip(reversed(text), reversed(text[:-unit]), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
