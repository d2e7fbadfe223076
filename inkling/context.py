"""What goes into a prompt besides the cursor's line: how much of the file before and after it.

The same code cuts the window in training-time evaluation and in serving. Where it begins is
snapped to steps of lines, and a window that was cut once can be *held* while text is typed below
its anchor, so that from key to key a prompt only grows at its end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkling.layout import anchor_offset

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkling.layout import FimContext

SUFFIX_SHARE = 0.25
SNAP_SHARE = 8
MOST_SNAP_LINES = 32
"""A window begins at a multiple of some lines, so that its beginning mostly stays when its anchor
moves on by a line: a power of two, at most an eighth of its own lines and at most so many."""
LINES_ABOVE = 3
"""So many lines above the cursor's stand after the anchor of a new window. A small model goes on
far better from lines right before what it writes than from the end of the prefix, which the suffix
parts from it (docs/experiments.md)."""
_MOST_ABOVE = 600
CLOSERS = frozenset(")]}>'\"`")
_MOST_CLOSERS = 4
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


@dataclass(frozen=True)
class HeldWindow:
    """A window that stays while text is typed after its anchor.

    Attributes:
        window: ends at the anchor, so its `typed` is empty.
        above: characters of the file above the window.
        cut_below: the file goes on below the window.
    """

    window: FimContext
    above: int
    cut_below: bool

    def follow(self, context: FimContext) -> FimContext | None:
        """The held window with all that stands between its anchor and the cursor now.

        Closing brackets and quotes that an editor put right of the cursor since are left out of
        the suffix: the answer may spell them, and the overlap with them is cut off before display.

        Returns:
            None if anything else in the window has changed.
        """
        held = self.window
        if (held.path, held.repo, held.snippets) != (context.path, context.repo, context.snippets):
            return None
        before = context.prefix + context.typed
        if not before.startswith(held.prefix, self.above):
            return None
        if not self._ends_in(context.suffix):
            return None
        return replace(held, typed=before[self.above + len(held.prefix) :])

    def _ends_in(self, suffix: str) -> bool:
        for closers in range(min(_MOST_CLOSERS, len(suffix)) + 1):
            rest = suffix[closers:]
            if rest == self.window.suffix or (
                self.cut_below and rest.startswith(self.window.suffix)
            ):
                return True
            if suffix[closers : closers + 1] not in CLOSERS:
                break
        return False


def begin_above(context: FimContext, lines: int = LINES_ABOVE) -> FimContext:
    """The context with its anchor some lines further up, or fewer where the lines are very long."""
    prefix = context.prefix
    start = len(prefix)
    for _ in range(lines):
        above = anchor_offset(prefix, start, 1) if start else 0
        if len(prefix) - above > _MOST_ABOVE:
            break
        start = above
    return replace(context, prefix=prefix[:start], typed=prefix[start:] + context.typed)


def hold_window(context: FimContext, window: FimContext) -> HeldWindow:
    """What `fit_window` made of a context, to be held from now on."""
    return HeldWindow(
        replace(window, typed=""),
        len(context.prefix) + len(context.typed) - len(window.prefix) - len(window.typed),
        len(window.suffix) < len(context.suffix),
    )


def _cut(context: FimContext, characters: int) -> FimContext:
    typed = _end_of_line(context.typed, max(1, characters // 2))
    left = max(0, characters - len(typed))
    if len(typed) < len(context.typed):
        # The anchor line itself is too long: what stands before it is too far away to matter.
        return replace(context, prefix="", typed=typed, suffix=_head(context.suffix, left // 2))
    for_suffix = min(len(context.suffix), int(left * SUFFIX_SHARE))
    for_prefix = min(len(context.prefix), left - for_suffix)
    for_suffix = min(len(context.suffix), left - for_prefix)
    return replace(
        context,
        prefix=_snapped(context.prefix, _tail(context.prefix, for_prefix)),
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


def snap_step(lines: int) -> int:
    """At multiples of how many lines a window of so many lines begins."""
    return min(MOST_SNAP_LINES, 1 << max(0, (lines // SNAP_SHARE).bit_length() - 1))


def _snapped(text: str, tail: str) -> str:
    """`tail` without its first lines, so that it begins at a multiple of its step in `text`.

    The break that ends the line above belongs to it: a tokenizer makes one token of a break and the
    indentation behind it, so that lines are the same tokens at the beginning and in the midst.
    """
    if len(tail) == len(text) or not tail:
        return tail
    start = 0
    above = text.count("\n", 0, len(text) - len(tail))
    for _ in range(-above % snap_step(tail.count("\n"))):
        start = tail.index("\n", start) + 1
    return text[len(text) - len(tail) + start - 1 :]


def _end_of_line(text: str, characters: int) -> str:
    """At most the last `characters`, begun in steps: on a very long line too, most keys only add
    to what was there."""
    if len(text) <= characters:
        return text
    step = max(1, characters // 4)
    start = len(text) - characters
    return text[min(len(text) - 1, start + -start % step) :]


def _head(text: str, characters: int) -> str:
    """The first whole lines of `text` within `characters`; part of the first if it is longer."""
    if len(text) <= characters:
        return text
    newline = text.rfind("\n", 0, characters)
    return text[:characters] if newline <= 0 else text[: newline + 1]
