"""The parts of a prompt, for people: what each is, how long, and its text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkling.layout import Sentinel, prompt_segments
from lsp_server.engine.prompt import encode_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from inkling.layout import FimContext
    from lsp_server.engine.vocabulary import Vocabulary

_NAMES = {
    Sentinel.REPO: "repository",
    Sentinel.PREFIX: "before the anchor",
    Sentinel.SUFFIX: "after the cursor",
    Sentinel.MIDDLE: "from the anchor to the cursor",
}


@dataclass(frozen=True)
class Part:
    """One part of a prompt: its name, its text and how many tokens that takes."""

    name: str
    text: str
    tokens: int


def prompt_parts(
    window: FimContext,
    count_tokens: Callable[[str], int],
    known: Container[Sentinel] = frozenset(Sentinel),
) -> list[Part]:
    """The parts in their order; empty ones are left out.

    Args:
        known: the special tokens that the model has; what follows another never reaches it.
    """
    parts: list[Part] = []
    current = Sentinel.END
    for segment in prompt_segments(window):
        if isinstance(segment, Sentinel):
            current = segment
        elif segment and current in known:
            parts.append(Part(_name(current, segment), segment, count_tokens(segment)))
    return parts


def asked_parts(window: FimContext, vocabulary: Vocabulary) -> list[Part]:
    """The parts of a prompt as our engine asks it, and its special tokens as one more: the sum is
    the prompt's number of tokens."""
    known = vocabulary.sentinel_ids
    parts = prompt_parts(window, lambda text: len(vocabulary.encode(text)), known)
    if window.typed:
        parts[-1] = replace(parts[-1], tokens=len(encode_typed(window.typed, vocabulary)))
    sentinels = [each for each in prompt_segments(window) if isinstance(each, Sentinel)]
    special = len(vocabulary.begin_ids) + sum(each in known for each in sentinels)
    return [*parts, Part("special tokens between them", "", special)]


def _name(sentinel: Sentinel, segment: str) -> str:
    if sentinel is not Sentinel.FILE:
        return _NAMES[sentinel]
    path, _, text = segment.partition("\n")
    return f"from {path}" if text else "path"


def prompt_text(window: FimContext) -> str:
    """The prompt with its sentinels spelled out."""
    return "".join(
        segment.value if isinstance(segment, Sentinel) else segment
        for segment in prompt_segments(window)
    )
