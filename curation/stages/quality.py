"""Stage "quality": drops what breaks a card of the table (`curation/quality/cards.toml`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.quality.cards import Card, as_text, choose_cards, findings, first_broken
from curation.quality.signals import Reading, Source
from curation.stages.stage import Drop, Explanation, Stage

if TYPE_CHECKING:
    from datatrove.data import Document


def source_of(document: Document) -> Source:
    """What the signals see of a document."""
    metadata = document.metadata
    return Source(document.text, metadata.get("language") or "", metadata.get("stars"))


def _span(source: Source, reading: Reading) -> tuple[int, int] | None:
    """The place that a signal names, or its line."""
    if reading.span is not None or reading.line is None:
        return reading.span
    if not source.lines:
        return None
    before = source.text.splitlines(keepends=True)[: reading.line - 1]
    start = sum(map(len, before))
    return start, start + len(source.lines[reading.line - 1])


class QualityFilter(Stage):
    """Drops files whose shape says that they are not written by hand or not worth learning.

    Args:
        also, without: names of cards to add to the default ones, and to leave out.
    """

    name = "quality"
    version = "4"
    reads = ("language", "stars")

    def __init__(self, also: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.cards: tuple[Card, ...] = choose_cards(also, without)

    @property
    def parameters(self) -> str:
        return repr(self.cards)

    def judge(self, document: Document) -> Drop | None:
        broken = first_broken(source_of(document), self.cards)
        return Drop(broken.card.name, broken.detail) if broken else None

    def explain(self, document: Document) -> list[Explanation]:
        source = source_of(document)
        return [
            Explanation(
                self.name,
                found.card.name,
                f"{found.card.signal} {as_text(found.reading.value)}",
                str(found.bounds),
                found.passed,
                _span(source, found.reading),
            )
            for found in findings(source, self.cards)
        ]
