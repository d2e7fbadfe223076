"""Stage "opt_out": what someone asked to leave out, before anything else looks at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from curation.stages.stage import Drop, Explanation, Stage

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

    def explain(self, document: Document) -> list[Explanation]:
        """By which names the list could have meant the document."""
        (row,) = super().explain(document)
        metadata = document.metadata
        names = [f"{metadata['repo']}:{metadata['path']}", f"sha256 {document.id[:12]}…"]
        if metadata["origin"]:
            names.insert(1, f"origin {metadata['origin']}")
        allowed = f"not among {len(self.entries.entries):,} entries"
        value = row.value if not row.passed else ", ".join(names)
        return [replace(row, rule="no entry" if row.passed else row.rule, value=value,
                        allowed=allowed)]  # fmt: skip
