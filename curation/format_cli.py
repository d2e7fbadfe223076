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
    """Write a corpus as JSON lines, one text a repository, its files between sentinels."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    out: Path = Path("repositories.jsonl")
    """File to write."""
    split: Literal["train", "heldout"] = "train"
    """Which documents."""

    def run(self) -> int:
        require("pyarrow", "train")
        from curation.corpus import read_documents
        from curation.formats.repository import repository_text
        from inkling.atomic import atomic_file

        repositories: dict[str, dict[str, str]] = {}
        for document in read_documents(self.corpus, self.split):
            path = document.path.replace("\n", "\N{REPLACEMENT CHARACTER}")
            repositories.setdefault(document.repo, {})[path] = document.text
        with (
            atomic_file(self.out) as temporary,
            temporary.open("w", encoding="utf-8", newline="\n") as handle,
        ):
            for repo, files in sorted(repositories.items()):
                text = repository_text(repo, files)
                row = {"repo_name": repo, "files": len(files), "content": text}
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
        print(f"Wrote {len(repositories):,} repositories to {self.out}.")
        return 0
