"""The newest commits of a checkout that add code, and the work tree as it was before each.

Unlike a replay, a merge counts as one commit with all that it brought, since that is how work
arrives on most main branches.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.replay.history import Commit, commit_insertions, git

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_INSERTIONS = 400
"""A commit that adds more pieces than this imports or reformats; nobody typed it."""


def newest_commits(root: Path, languages: Sequence[str], limit: int) -> Iterator[Commit]:
    """Commits of the first-parent history that add lines in the languages, newest first.

    Args:
        languages: names of `inkling.languages`; none means any of them.
        limit: commits to look at, those that add nothing included.

    Raises:
        InklingError: `root` is no git checkout.
    """
    log = git(root, "log", "--first-parent", f"--max-count={limit}", "--format=%H %P")
    for line in log.splitlines():
        revision, *parents = line.split()
        if not parents:
            continue
        insertions = tuple(commit_insertions(root, parents[0], revision, languages))
        if 0 < len(insertions) <= MAX_INSERTIONS:
            yield Commit(revision, parents[0], insertions)


@contextmanager
def spare_work_tree(repo: Path) -> Iterator[Path]:
    """A second work tree of the repository, under its name, without touching the first."""
    with tempfile.TemporaryDirectory(prefix="inkling-tree-") as folder:
        tree = Path(folder) / repo.resolve().name
        clone_shared(repo, tree)
        yield tree


def clone_shared(repo: Path, tree: Path) -> None:
    """A clone that borrows the objects of `repo`; nothing is checked out."""
    places = str(repo.resolve()), str(tree.resolve())  # git would take a relative one from `repo`
    git(repo, "clone", "--quiet", "--shared", "--no-checkout", *places)


def check_out(tree: Path, revision: str) -> list[str]:
    """Check out a revision; the paths that changed."""
    changed = git(tree, "diff", "--name-only", "--no-renames", "-z", "HEAD", revision)
    git(tree, "checkout", "--quiet", "--force", "--detach", revision)
    return [path for path in changed.split("\0") if path]
