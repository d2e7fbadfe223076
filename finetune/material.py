"""What is learned and what proves it: curated documents, the cut of each history, the windows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.corpus import read_documents
from curation.executors import Machines
from curation.options import CurationOptions
from curation.pipeline import run_curation
from curation.stages.secrets import REDACTIONS_KEY
from finetune.authorship import line_origins
from finetune.sources import Source, checkout_around, open_sources
from finetune.spans import HunkCutter
from finetune.split import FEWEST, split_documents
from inkling.errors import InklingError
from inkling.optout import read_list
from inkling.settings import usable_cores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from curation.corpus import CorpusDocument
    from finetune.base import Base
    from finetune.options import FinetuneOptions
    from finetune.run_folder import RunFolder

SECRET_KINDS = frozenset({"KEY", "PASSWORD", "PRIVATE_KEY"})
_SECRET_SHARE = 0.25
_FEWEST_SECRET_FILES = 3
_LISTED = 200


@dataclass(frozen=True)
class Material:
    """Everything that a run learns from and is judged by.

    Attributes:
        sources: repositories, with the commits that are held out.
        learned: documents to train on.
        heldout: documents that prove it, of sources without a history to cut.
    """

    sources: list[Source]
    learned: list[CorpusDocument]
    heldout: list[CorpusDocument]

    @property
    def by_commit(self) -> bool:
        return any(source.cut is not None for source in self.sources)


def read_material(
    options: FinetuneOptions, base: Base, run: RunFolder, console: Console
) -> Material:
    """Open and curate the repositories as one's own code, in the languages of the base.

    Raises:
        InklingError: a repository isn't there, holds too little, or is full of secrets.
    """
    run.claim()
    languages = tuple(base.manifest.languages)
    sources = open_sources(options.repos, run.path, languages, options.holes)
    for source in sources:
        if source.checkout is None and (top := checkout_around(source.files)) is not None:
            console.print(
                f"{source.files} is a folder of the checkout {top}; name that to be proven on its "
                "commits instead of whole files.",
                soft_wrap=True,
                highlight=False,
            )
    curation = CurationOptions(
        folders=tuple(source.files for source in sources),
        own_folders=True,
        policy="any",
        languages=languages,
        opt_out=read_list(),
    )
    machines = Machines(workers=usable_cores())
    run_curation(curation, run.corpus, run.path / "work", machines, console)
    documents = list(read_documents(run.corpus))
    if not options.allow_secrets:
        _refuse_secrets(documents)
    learned: list[CorpusDocument] = []
    heldout: list[CorpusDocument] = []
    for source in sources:
        own = [document for document in documents if document.repo == source.name]
        least = 1 if source.cut is not None else FEWEST
        if len(own) < least:
            raise InklingError(
                f"{source.name} holds {len(own) or 'no'} usable files in "
                f"{', '.join(languages) or 'a known language'} to learn, and {least} are the "
                "least.",
                "Name a repository with more code; the table above says why files were dropped.",
            )
        if source.cut is not None:
            learned += own
        else:
            split = split_documents(own)
            learned += split.train
            heldout += split.heldout
    return Material(sources, learned, heldout)


def hunk_cutter(material: Material, share: float) -> HunkCutter:
    """Cuts holes where the sources' commits changed something, as of the newest one learned."""
    origins = {}
    folders = {source.name: source for source in material.sources}
    newest = 0
    for document in material.learned:
        source = folders.get(document.repo)
        if source is not None and source.checkout is not None:
            lines = line_origins(source.files, document.path)
            origins[document.repo, document.path] = lines
            newest = max(newest, *(line.committed_at for line in lines), 0)
    return HunkCutter(origins, newest, share)


def secret_counts(document: CorpusDocument) -> dict[str, int]:
    """Kinds of secrets that curation replaced in a document, with counts."""
    found = json.loads(document.stages).get(REDACTIONS_KEY) or {}
    return {kind: count for kind, count in found.items() if kind in SECRET_KINDS}


def _refuse_secrets(documents: Sequence[CorpusDocument]) -> None:
    """Raise InklingError for a repository with secrets in many files, and name them."""
    files = [document for document in documents if secret_counts(document)]
    if len(files) < max(_FEWEST_SECRET_FILES, _SECRET_SHARE * len(documents)):
        return
    names = [
        f"{document.repo}/{document.path} ({', '.join(secret_counts(document))})"
        for document in files
    ]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    raise InklingError(
        f"Secrets were found in {len(files)} of {len(documents)} files: "
        f"{', '.join(names[:_LISTED])}{more}.",
        "Remove them, or learn the files with the secrets replaced by giving --allow-secrets.",
    )


def mix(own: np.ndarray, generic: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Windows in random order, of which about `share` are generic; shape (windows, window)."""
    count = min(len(generic), round(len(own) * share / (1 - share)) if share < 1 else len(generic))
    windows = np.concatenate([own, generic[:count]])
    np.random.default_rng(seed).shuffle(windows)
    return windows
