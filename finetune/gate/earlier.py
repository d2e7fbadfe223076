"""Holes of the commits before the cut, of the same kind as those that the gate asks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.commits.history import newest_commits
from evaluation.commits.holes import holes_of_commit
from finetune.gate.cut import HOLES_PER_COMMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from evaluation.holes import Hole

MOST_COMMITS = 600
"""Reading one takes some 50 ms."""


def earlier_holes(tree: Path, repo: str, languages: Sequence[str]) -> Iterator[tuple[str, Hole]]:
    """(revision, hole) of the newest commits that `tree` stands on, newest first."""
    for commit in newest_commits(tree, languages, MOST_COMMITS):
        for hole in holes_of_commit(commit, repo, HOLES_PER_COMMIT):
            yield commit.revision, hole
