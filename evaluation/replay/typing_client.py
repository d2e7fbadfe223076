"""What the replay needs of an editor with completion, whoever completes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What came after a key.

    Attributes:
        text: the suggestion; empty if there was none, or it came too late.
        ms: wall time from the edit to the answer.
        late: the answer didn't come before the next key.
        prompt_tokens: tokens of the prompt that had to be evaluated; None if that isn't known.
    """

    text: str
    ms: float
    late: bool
    prompt_tokens: int | None


class TypingClient(Protocol):
    """An editor with one open document and a cursor in it."""

    async def open(self, path: Path, before: str, after: str) -> None:
        """Open a document with the cursor between two texts; ready to type when this returns."""

    async def type(self, text: str, patience: float) -> Answer:
        """Insert text at the cursor and ask what comes next; late after `patience` seconds."""

    async def close(self) -> None:
        """Close the document without saving it."""

    async def changed_on_disk(self, paths: list[Path]) -> None:
        """Files were written without the editor."""
