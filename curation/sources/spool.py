"""The spool: documents that are no files (rows, commits, discussions) laid down as files.

Every later step reads files, so what comes from elsewhere is written once under the hash of its
content, and listed like any file. Reading a source again writes nothing that is there already. The
disk isn't asked to sync each of them: what a loss of power left broken is found by comparing, and
written again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.sources.source_file import SourceFile
from curation.well_formed import well_formed
from inkling.atomic import atomic_file

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Spool:
    """A folder of contents by hash."""

    folder: Path

    def add(
        self,
        content: str,
        repo: str,
        path: str,
        *,
        revision: str | None = None,
        license: str | None = None,
        license_source: str | None = None,
        committed_at: int | None = None,
        stars: int | None = None,
        own: bool = False,
        format: str | None = None,
        origin: str | None = None,
    ) -> SourceFile:
        """Lay a document down and list it. What isn't Unicode in it becomes U+FFFD."""
        raw = well_formed(content).encode()
        digest = hashlib.sha256(raw).hexdigest()
        location = self.folder / digest[:2] / digest
        if not location.is_file() or location.read_bytes() != raw:
            with atomic_file(location, durable=False) as temporary:
                temporary.write_bytes(raw)
        return SourceFile(
            str(location),
            well_formed(repo),
            well_formed(path),
            None if revision is None else well_formed(revision),
            license,
            license_source if license else None,
            len(raw),
            0,  # the content can't change, so neither can the time
            committed_at,
            stars,
            own,
            format,
            origin=origin,
        )

    def refuse(
        self, repo: str, path: str, reason: str, detail: str = "", revision: str | None = None
    ) -> SourceFile:
        """List what is no document, with the reason that stands among the dropped."""
        names = (well_formed(repo), well_formed(path), revision and well_formed(revision))
        return SourceFile("", *names, None, None, 0, 0, flaw=(reason, well_formed(detail)))
