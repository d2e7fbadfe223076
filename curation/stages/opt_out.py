"""Stage "opt_out": what someone asked to leave out, before anything else looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.stages.stage import Drop, Stage

if TYPE_CHECKING:
    from datatrove.data import Document

    from inkling.optout import OptOutList

NAME = "opt_out"


class OptOutFilter(Stage):
    """Drops what the list names by owner, repository, path or content."""

    name = NAME

    def __init__(self, entries: OptOutList) -> None:
        super().__init__()
        self.entries = entries

    def judge(self, document: Document) -> Drop | None:
        metadata = document.metadata
        entry = self.entries.match(
            metadata["repo"], metadata["path"], document.id, origin=metadata["origin"]
        )
        return Drop(entry.kind, entry.value) if entry else None
