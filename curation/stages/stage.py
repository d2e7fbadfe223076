"""The contract of a stage: a datatrove step that judges documents and never loses one.

A refused document stays in the stream, marked with the stage, a reason and a detail; later stages
pass it by and the shard writer puts it among the dropped. So the funnel and "why was my file
dropped" come free, whatever executor runs the pipeline.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from datatrove.pipeline.base import PipelineStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datatrove.data import Document

DROP_KEY = "drop"


@dataclass(frozen=True)
class Drop:
    """Why a stage refuses a document: a stable reason code, and the value that decided."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Explanation:
    """One rule's view of one document, for people.

    Attributes:
        value: what was measured or found.
        allowed: what would pass; empty where a rule has no threshold.
        span: where the text, as it reached the stage, shows it, if one place does.
        where, matched: that place as line and column, and its text; whoever shows them fills them
            in, without secrets.
    """

    stage: str
    rule: str
    value: str
    allowed: str
    passed: bool
    span: tuple[int, int] | None = None
    where: str = ""
    matched: str = ""


def span_of_lines(text: str, first: int, last: int | None = None) -> tuple[int, int]:
    """Where the lines `first` to `last` (from 1) of a text stand, without the last one's end."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: first - 1])
    whole = "\n".join(lines[first - 1 : last or first])
    return start, start + len(whole)


class Stage(PipelineStep):  # type: ignore[misc]  # datatrove is untyped
    """Base of all judging stages.

    Class attributes:
        name: of the stage, as it stands in reasons and the funnel.
        version: changes when the rule changes; part of the key under which results are kept.
        reads: what of the metadata, besides the text, a result depends on, for a stage whose
            results are worth keeping (`curation/reuse.py`); None for a cheap one.
    """

    type = "inkling"
    name: ClassVar[str]
    version: str = "1"
    reads: ClassVar[tuple[str, ...] | None] = None

    @property
    def parameters(self) -> str:
        """The rule's own options, as far as they decide; part of the key of kept results."""
        return ""

    @abstractmethod
    def judge(self, document: Document) -> Drop | None:
        """None to keep the document (whose metadata it may extend), else why not."""

    def explain(self, document: Document) -> list[Explanation]:
        """What each rule of the stage makes of a document, the passed ones included.

        Like `judge` it may extend the metadata, so a document goes through all stages in order.
        """
        drop = self.judge(document)
        if drop is None:
            return [Explanation(self.name, "all rules", "", "", True)]
        return [Explanation(self.name, drop.reason, drop.detail, "", False)]

    def apply_to(self, document: Document) -> None:
        """Judge a document, and mark it if it is refused."""
        with self.track_time():
            drop = self.judge(document)
        if drop is not None:
            document.metadata[DROP_KEY] = (self.name, drop.reason, drop.detail)

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        for document in data:
            if DROP_KEY not in document.metadata:
                self.apply_to(document)
            yield document
