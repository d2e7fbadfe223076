"""Which repositories an index holds: the answer to "am I in it?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from attribution.index import Index


@dataclass(frozen=True)
class Repository:
    """A repository or package; licences and origins are in order of name.

    Attributes:
        bytes: of its texts.
        origins: addresses (host/owner/name) that its checkouts come from, as far as known.
    """

    repo: str
    documents: int
    bytes: int
    licenses: tuple[str | None, ...]
    origins: tuple[str, ...] = ()

    def is_called(self, part: str) -> bool:
        """Whether a part of a name or address, in any case, is one of this repository's."""
        return any(part.lower() in name.lower() for name in (self.repo, *self.origins))


def list_repositories(index: Index) -> list[Repository]:
    """All repositories with documents that were not removed, by name."""
    counts: dict[str, list[int]] = {}
    licenses: dict[str, set[str | None]] = {}
    origins: dict[str, set[str]] = {}
    for item in index.segments:
        table, documents = item.segment.documents.table, item.segment.documents
        live = np.ones(len(table), dtype=bool) if item.live is None else item.live
        sizes = np.diff(np.append(documents.starts, len(item.segment.text))) - 1
        for number, repo in enumerate(documents.repos):
            here = live & (table["repo"] == number)
            if not here.any():
                continue
            row = counts.setdefault(repo, [0, 0])
            row[0] += int(here.sum())
            row[1] += int(sizes[here].sum())
            found = np.unique(table["license"][here]).tolist()
            licenses.setdefault(repo, set()).update(documents.licenses[n] for n in found)
            origins.setdefault(repo, set()).update(documents.origins.get(repo, ()))
    return [
        Repository(
            repo,
            row[0],
            row[1],
            tuple(sorted(licenses[repo], key=lambda name: name or "")),
            tuple(sorted(origins[repo])),
        )
        for repo, row in sorted(counts.items())
    ]
