"""From a request's text to token ids: the window, the layout, and the part that may be healed.

The layout itself is `inkling.layout`'s; here it only meets a vocabulary and a budget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkling.context import WindowBudget, begin_above, fit_window
from inkling.layout import encode_segments, prompt_segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inkling.layout import FimContext
    from lsp_server.engine.vocabulary import Vocabulary

MAX_HEALED_TOKENS = 3
ROOM_SHARE = 1 / 16
MOST_ROOM = 256
_WHITESPACE = b" \t\r\n"


@dataclass(frozen=True)
class Prompt:
    """Ids of a prompt. `head + tail` is all of it; `tail` may be read again (see `decoding`).

    Attributes:
        window: the text that it was made of.
    """

    head: tuple[int, ...]
    tail: tuple[int, ...]
    window: FimContext

    def __len__(self) -> int:
        return len(self.head) + len(self.tail)


def build_prompt(context: FimContext, vocabulary: Vocabulary, budget: int) -> Prompt:
    """The prompt for as much of `context` as fits into `budget` tokens."""
    window = window_at(context, vocabulary, budget)
    before = encode_context(replace(window, typed=""), vocabulary)
    return prompt_after(before, window, vocabulary)


def window_at(context: FimContext, vocabulary: Vocabulary, budget: int) -> FimContext:
    """As much of `context` as fits into `budget` tokens, with room for text typed later on."""

    def count(candidate: FimContext) -> int:
        return len(encode_context(candidate, vocabulary)) + 1

    return fit_window(begin_above(context), WindowBudget(budget - room_for_typing(budget)), count)


def room_for_typing(budget: int) -> int:
    """Tokens of a prompt's budget that a new window leaves free."""
    return min(int(budget * ROOM_SHARE), MOST_ROOM)


def prompt_after(before: Sequence[int], window: FimContext, vocabulary: Vocabulary) -> Prompt:
    """The prompt of a window's ids up to its anchor, and the text typed after that."""
    ids = encode_typed(window.typed, vocabulary)
    cut = len(ids) - _healed_depth(ids, vocabulary)
    return Prompt((*before, *ids[:cut]), tuple(ids[cut:]), window)


def encode_context(context: FimContext, vocabulary: Vocabulary) -> list[int]:
    """The layout's ids, as in training, with the model's own beginning if it wants one."""
    ids = encode_segments(prompt_segments(context), vocabulary.encode, vocabulary.sentinel_ids)
    return [*vocabulary.begin_ids, *ids]


def encode_typed(typed: str, vocabulary: Vocabulary) -> list[int]:
    """Ids of the typed text, a closing white-space character apart.

    In a file the last space before a word belongs to the word's token ("␣␣␣", "␣return"), so
    indentation encoded as one run would be a token that the model never saw before a word.
    """
    if typed[-1:] in (" ", "\t", "\n"):
        return vocabulary.encode(typed[:-1]) + vocabulary.encode(typed[-1:])
    return vocabulary.encode(typed)


def _healed_depth(typed: list[int], vocabulary: Vocabulary) -> int:
    """How many tokens to read again: back to the one that begins the last word, at most three."""
    depth = 0
    for token in reversed(typed[-MAX_HEALED_TOKENS:]):
        depth += 1
        if vocabulary.piece(token)[:1] in _WHITESPACE:
            break
    return depth
