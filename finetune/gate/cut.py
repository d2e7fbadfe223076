"""Where a history is cut: what came before is learned, the commits after it are asked about.

As many of the newest commits are held out as it takes for the holes wanted, but never more than a
share of the history, so that something is left to learn.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.commits.history import check_out, clone_shared, newest_commits
from evaluation.commits.holes import holes_of_commit
from evaluation.replay.history import git
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evaluation.replay.history import Commit

HOLES_PER_COMMIT = 8
LARGEST_SHARE = 0.3
"""Of the first-parent history, at most this much is held out."""
FEWEST_COMMITS = 2
"""Fewer commits leave nothing to resample; whole files are held out then."""
_COMMITS_LOOKED_AT = 3000


@dataclass(frozen=True)
class Cut:
    """A cut history.

    Attributes:
        revision: the newest commit that is learned from.
        commits: those held out, oldest first.
        since: commit time of `revision`, in seconds since 1970.
    """

    revision: str
    commits: tuple[Commit, ...]
    since: int


def cut_history(checkout: Path, languages: Sequence[str], holes: int) -> Cut | None:
    """Cut so that about `holes` holes are left to ask; None if the history is too short.

    Args:
        checkout: the top of a git checkout; nothing in it is changed.
        languages: names of `inkling.languages` that count; none means any of them.
    """
    try:
        length = int(git(checkout, "rev-list", "--first-parent", "--count", "HEAD"))
    except (InklingError, ValueError):
        return None
    limit = min(_COMMITS_LOOKED_AT, int(length * LARGEST_SHARE))
    held: list[Commit] = []
    wanted = holes
    for commit in newest_commits(checkout, languages, limit):
        found = len(holes_of_commit(commit, checkout.name, HOLES_PER_COMMIT))
        if found:
            held.append(commit)
            wanted -= found
        if wanted <= 0:
            break
    if len(held) < FEWEST_COMMITS:
        return None
    revision = held[-1].parent
    return Cut(revision, tuple(reversed(held)), _time_of(checkout, revision))


def tree_at(checkout: Path, revision: str, tree: Path) -> None:
    """Make `tree` a clone with the files of a revision; an earlier one is moved there."""
    if (tree / ".git").exists():
        with suppress(InklingError):  # the checkout has moved, or lost what the tree stands at
            check_out(tree, revision)
            return
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    clone_shared(checkout, tree)
    check_out(tree, revision)


def _time_of(checkout: Path, revision: str) -> int:
    return int(git(checkout, "show", "--no-patch", "--format=%ct", revision))
