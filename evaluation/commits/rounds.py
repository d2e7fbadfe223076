"""Rounds of questions: from a history, the memory following the work tree, or from whole files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evaluation.commits.arms import Round
from evaluation.commits.history import check_out
from evaluation.commits.holes import holes_of_commit
from evaluation.holes import HoleSampling, holes_of_document
from inkling.working_tree import read_source, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curation.corpus import CorpusDocument
    from evaluation.replay.history import Commit
    from lsp_server.memory.repository import RepositoryMemory

HOLES_PER_FILE = 8


def commit_rounds(
    tree: Path, commits: Sequence[Commit], most_holes: int, seed: int = 0
) -> Iterator[Round]:
    """One round a commit, in the order given (oldest first moves the tree least).

    Args:
        tree: a work tree that may be checked out freely.
        most_holes: of one commit.
    """
    follower = _Follower(tree)
    for commit in commits:
        holes = tuple(holes_of_commit(commit, tree.name, most_holes, seed))
        if holes:
            yield Round(
                commit.revision,
                holes,
                lambda memory, parent=commit.parent: follower.follow(memory, parent),  # type: ignore[misc]
                lambda _hole: follower.texts,
            )


@dataclass
class _Follower:
    """Checks out revisions and tells the memory what changed; `texts` is what there is now."""

    tree: Path
    texts: dict[str, str] = field(default_factory=dict)
    _loaded: RepositoryMemory | None = field(default=None)

    def follow(self, memory: RepositoryMemory, revision: str) -> None:
        changed = check_out(self.tree, revision)
        if self._loaded is not memory:
            self.texts = dict(read_working_tree(self.tree))
            memory.load(self.texts.items())
            self._loaded = memory
            return
        for path in changed:
            text = read_source(self.tree / path)
            memory.update(path, text)
            if text is None:
                self.texts.pop(path, None)
            else:
                self.texts[path] = text


def file_rounds(
    learned: Sequence[CorpusDocument], heldout: Sequence[CorpusDocument], most: int
) -> Iterator[Round]:
    """One round a held-out file, about `most` holes in all; memory holds what was learned."""
    share = max(1, min(HOLES_PER_FILE, most // max(1, len(heldout))))
    remember = _RememberOnce(learned)
    trees: dict[str, dict[str, str]] = {}
    for document in learned:
        trees.setdefault(document.repo, {})[document.path] = document.text
    for document in heldout:
        holes = tuple(holes_of_document(document, HoleSampling(holes_per_file=share)))
        if holes:
            name = f"{document.repo}/{document.path}"
            yield Round(name, holes, remember, lambda hole: trees.get(hole.package, {}))


@dataclass
class _RememberOnce:
    """Loads the learned files at the first round; they stay the same from file to file."""

    learned: Sequence[CorpusDocument]
    _memory: RepositoryMemory | None = None

    def __call__(self, memory: RepositoryMemory) -> None:
        if self._memory is not memory:
            memory.load((document.path, document.text) for document in self.learned)
            self._memory = memory
