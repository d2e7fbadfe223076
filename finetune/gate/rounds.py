"""The rounds of questions for what was held out: commits of a history, or whole files."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from evaluation.commits.holes import holes_of_commit
from evaluation.commits.rounds import commit_rounds, file_rounds
from finetune.gate.cut import HOLES_PER_COMMIT, tree_at
from finetune.overlap import KNOWN_SHARE, known_shares, shared_with
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from evaluation.commits.arms import Round
    from evaluation.replay.history import Commit
    from finetune.material import Material
    from finetune.options import FinetuneOptions
    from finetune.sources import Source


def rounds_of(
    material: Material, options: FinetuneOptions, folder: Path
) -> tuple[Iterator[Round], int, dict[str, Any]]:
    """The rounds of all sources, how many holes they hold, and the overlap with the base's corpus.

    Args:
        folder: work trees to move from commit to commit are made below it.

    Raises:
        InklingError: there is nothing to ask.
    """
    texts = _heldout_texts(material)
    shares = known_shares(texts, options.base_corpus) if options.base_corpus else {}
    known = frozenset(name for name, share in shares.items() if share > KNOWN_SHARE)
    parts: list[Iterator[Round]] = []
    copied: list[tuple[str, str]] = []
    asked = 0
    for source in material.sources:
        if source.cut is None or source.checkout is None:
            continue
        copies = _copies(source, material)
        copied += copies
        commits = _unknown(source, known, copies)
        asked += sum(len(holes_of_commit(c, source.name, HOLES_PER_COMMIT)) for c in commits)
        tree = folder / "asked" / source.name
        tree_at(source.checkout, source.cut.revision, tree)
        parts.append(commit_rounds(tree, commits, HOLES_PER_COMMIT))
    heldout = [d for d in material.heldout if f"{d.repo}/{d.path}" not in known]
    rounds = list(file_rounds(material.learned, heldout, options.holes))
    asked += sum(len(part.holes) for part in rounds)
    if not asked:
        raise InklingError(
            "What is held out gives no place to ask for.", "Name a repository with more code."
        )
    overlap = {
        "measured": bool(options.base_corpus),
        "files": len(texts),
        "known_to_base": sorted(known),
        "copies": sorted({name for _, name in copied}),
    }
    return chain(*parts, rounds), asked, overlap


def _heldout_texts(material: Material) -> dict[str, str]:
    """Held-out files by name: those that commits changed, as they were, and whole ones."""
    texts = {f"{d.repo}/{d.path}": d.text for d in material.heldout}
    for source in material.sources:
        for commit in source.cut.commits if source.cut else ():
            for insertion in commit.insertions:
                name = f"{source.name}/{insertion.path}"
                texts.setdefault(name, insertion.before + insertion.typed + insertion.after)
    return texts


def _copies(source: Source, material: Material) -> list[tuple[str, str]]:
    """(revision, name) of files that held-out commits added and that are learned by another name.

    A file that was moved would else be asked about although it was learned.
    """
    assert source.cut is not None
    added = {
        (commit.revision, f"{source.name}/{insertion.path}"): insertion.typed
        for commit in source.cut.commits
        for insertion in commit.insertions
        if not insertion.before and not insertion.after.strip()
    }
    shares = shared_with(added, (document.text for document in material.learned))
    return [place for place, share in shares.items() if share > KNOWN_SHARE]


def _unknown(
    source: Source, known: frozenset[str], copies: Sequence[tuple[str, str]]
) -> list[Commit]:
    """The held-out commits without what they did to files that the base knows, and copies."""
    assert source.cut is not None
    left = []
    for commit in source.cut.commits:
        insertions = tuple(
            insertion
            for insertion in commit.insertions
            if (name := f"{source.name}/{insertion.path}") not in known
            and (commit.revision, name) not in copies
        )
        left.append(replace(commit, insertions=insertions))
    return left
