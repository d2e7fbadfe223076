"""`python -m curation repositories`: a corpus as one text a repository, imports first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro  # noqa: TC002  # it reads the annotations at run time

from inkling.errors import require


@dataclass(frozen=True)
class Repositories:
    """Write a corpus as JSON lines: each repository's files as one text, between sentinels.

    A commit, a notebook or a discussion has its own sentinels already and is a line of its own.
    """

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    out: Path = Path("repositories.jsonl")
    """File to write."""
    split: Literal["train", "heldout"] = "train"
    """Which documents."""

    def run(self) -> int:
        require("pyarrow", "train")
        from curation.corpus import read_documents
        from curation.formats.repository import REPOSITORY, Item, repository_rows
        from inkling.atomic import atomic_file

        items = (
            Item(d.repo, d.path, d.language, d.id, d.text, d.origin)
            for d in read_documents(self.corpus, self.split)
        )
        repositories = others = documents = 0
        with (
            atomic_file(self.out) as temporary,
            temporary.open("w", encoding="utf-8", newline="\n") as handle,
        ):
            for row in repository_rows(items):
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
                documents += len(row["ids"])
                repositories += row["kind"] == REPOSITORY
                others += row["kind"] != REPOSITORY
        print(
            f"Wrote {documents:,} documents to {self.out}: {repositories:,} texts of repositories, "
            f"{others:,} commits, notebooks and discussions."
        )
        return 0
