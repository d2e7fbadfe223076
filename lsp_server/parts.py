"""The parts of a prompt, for people: what each is, how long, and its text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.layout import Sentinel, prompt_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkling.layout import FimContext

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


def prompt_parts(window: FimContext, count_tokens: Callable[[str], int]) -> list[Part]:
    """The parts in their order; empty ones are left out."""
    parts: list[Part] = []
    current = Sentinel.END
    for segment in prompt_segments(window):
        if isinstance(segment, Sentinel):
            current = segment
        elif segment:
            parts.append(Part(_name(current, segment), segment, count_tokens(segment)))
    return parts


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
