"""What goes into a prompt besides the cursor's line: how much of the file before and after it.

The same code cuts the window in training-time evaluation and in serving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkling.layout import FimContext

SUFFIX_SHARE = 0.25
_SHRINK_MARGIN = 0.95
_MIN_CHARACTERS = 16
_DENSEST = 2.0  # times the guessed characters a token, for a text that may yet fit uncut


@dataclass(frozen=True)
class WindowBudget:
    """How much text may enter a prompt.

    Attributes:
        tokens: what the whole prompt may cost.
        characters_per_token: a first guess; the window is measured and cut again if it is wrong.
    """

    tokens: int
    characters_per_token: float = 3.5


def fit_window(
    context: FimContext, budget: WindowBudget, count_tokens: Callable[[FimContext], int]
) -> FimContext:
    """Cut prefix and suffix, far ends first and at line starts, until the prompt fits.

    What one side doesn't use, the other gets. The typed part of the line is shortened only when
    it alone takes half the budget, as on a line of a minified file.

    Args:
        count_tokens: tokens of the prompt that a context makes.
    """
    characters = int(budget.tokens * budget.characters_per_token)
    whole = len(context.prefix) + len(context.typed) + len(context.suffix)
    if whole <= characters * _DENSEST and count_tokens(context) <= budget.tokens:
        return context
    while True:
        candidate = _cut(context, characters)
        used = count_tokens(candidate)
        if used <= budget.tokens or characters <= _MIN_CHARACTERS:
            return candidate
        characters = int(characters * budget.tokens / used * _SHRINK_MARGIN)


def _cut(context: FimContext, characters: int) -> FimContext:
    typed = context.typed[-max(1, characters // 2) :]
    left = max(0, characters - len(typed))
    if len(typed) < len(context.typed):
        # The anchor line itself is too long: what stands before it is too far away to matter.
        return replace(context, prefix="", typed=typed, suffix=_head(context.suffix, left // 2))
    for_suffix = min(len(context.suffix), int(left * SUFFIX_SHARE))
    for_prefix = min(len(context.prefix), left - for_suffix)
    for_suffix = min(len(context.suffix), left - for_prefix)
    return replace(
        context,
        prefix=_tail(context.prefix, for_prefix),
        typed=typed,
        suffix=_head(context.suffix, for_suffix),
    )


def _tail(text: str, characters: int) -> str:
    """The last whole lines of `text` within `characters`."""
    if len(text) <= characters:
        return text
    start = len(text) - characters
    newline = text.find("\n", start - 1 if start else 0)
    return "" if newline < 0 else text[newline + 1 :]


def _head(text: str, characters: int) -> str:
    """The first whole lines of `text` within `characters`; part of the first if it is longer."""
    if len(text) <= characters:
        return text
    newline = text.rfind("\n", 0, characters)
    return text[:characters] if newline <= 0 else text[: newline + 1]
