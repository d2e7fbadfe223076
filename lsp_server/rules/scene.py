"""What the rules that judge an answer look at: the text around the cursor, and how it came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_server.engine.records import FinishReason

if TYPE_CHECKING:
    from lsp_server.rules.syntax import Syntax


@dataclass(frozen=True)
class Scene:
    """The surroundings of a suggestion. Line breaks are `\\n` throughout.

    Attributes:
        before: the document up to the cursor, or as much of its end as matters.
        after: what follows the cursor.
        language: name in `inkling.languages`.
        finish: why decoding ended.
        logprobs: natural logarithms of the tokens' probabilities; empty if unknown.
        least_confidence: geometric mean of the tokens' probabilities below which nothing is shown.
        syntax: the parsed document; None where there is no grammar.
        invoked: the user asked for a suggestion; else it comes by itself.
    """

    before: str
    after: str
    language: str | None = None
    finish: FinishReason = FinishReason.END
    logprobs: tuple[float, ...] = ()
    least_confidence: float = 0.0
    syntax: Syntax | None = None
    invoked: bool = True

    @cached_property
    def line_before(self) -> str:
        """What stands before the cursor on its line."""
        return self.before[self.before.rfind("\n") + 1 :]

    @cached_property
    def rest_of_line(self) -> str:
        """What stands after the cursor on its line."""
        return self.after.partition("\n")[0]

    @cached_property
    def next_lines(self) -> list[str]:
        """The lines below the cursor's that aren't blank, without white space at their ends."""
        below = self.after.partition("\n")[2]
        return [line.rstrip() for line in below[:4_000].split("\n") if line.strip()]
