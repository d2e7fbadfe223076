"""What was typed: the lines that commits of a git repository added, with the text around them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.git import outside_of_checkouts
from inkling.languages import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True)
class Insertion:
    """Lines to type into a file.

    Attributes:
        path: of the file in the repository.
        before: the file's text up to the place; it ends with a newline, or is empty.
        typed: the lines, without the newline that ends the last.
        after: the rest of the file, which begins with a newline.
    """

    path: str
    before: str
    typed: str
    after: str


@dataclass(frozen=True)
class Commit:
    """A commit, its first parent, and what it added."""

    revision: str
    parent: str
    insertions: tuple[Insertion, ...]


def read_commits(root: Path, since: str, languages: Sequence[str]) -> Iterator[Commit]:
    """Commits of the first-parent history since a date, oldest first, that add lines to type.

    Args:
        since: anything that `git log --since` takes.
        languages: names of `inkling.languages`.

    Raises:
        InklingError: `root` is no git checkout.
    """
    order = ("--first-parent", "--no-merges", "--reverse")
    log = git(root, "log", *order, f"--since={since}", "--format=%H %P")
    for line in log.splitlines():
        revision, *parents = line.split()
        if parents:
            insertions = tuple(commit_insertions(root, parents[0], revision, languages))
            if insertions:
                yield Commit(revision, parents[0], insertions)


def git(root: Path, *arguments: str) -> str:
    """The output of a git command; bytes that aren't UTF-8 are replaced.

    Raises:
        InklingError: it failed.
    """
    command = ["git", "-C", str(root), "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True, env=outside_of_checkouts())
    except OSError as error:
        raise InklingError(f"git can't be started: {error.strerror}.", "Install it.") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
        raise InklingError(
            f"git {arguments[0]} failed in {root}: {said[-1].rstrip('.')}.",
            "Name a whole git checkout with its history.",
        ) from error
    return done.stdout.decode("utf-8", "replace")


def commit_insertions(
    root: Path, parent: str, revision: str, languages: Sequence[str]
) -> Iterator[Insertion]:
    """What `revision` added to the files of `parent` in one of the languages; none means any."""
    changed = git(
        root, "diff", "--name-only", "--diff-filter=AM", "--no-renames", "-z", parent, revision
    )
    for path in filter(None, changed.split("\0")):
        language = detect_language(path)
        if language is None or (languages and language.name not in languages):
            continue
        patch = git(root, "diff", "-U0", "--no-ext-diff", parent, revision, "--", path)
        new = git(root, "show", f"{revision}:{path}")
        old = _shown(root, parent, path)
        if "\r" not in new and "\0" not in new and "\ufffd" not in new:
            yield from insertions_of(path, old, new, patch)


def _shown(root: Path, revision: str, path: str) -> str:
    try:
        return git(root, "show", f"{revision}:{path}")
    except InklingError:
        return ""


def insertions_of(path: str, old: str, new: str, patch: str) -> Iterator[Insertion]:
    """One insertion a hunk: what stands above is new already, what stands below is still old.

    Args:
        patch: of `git diff -U0` from `old` to `new`.
    """
    old_lines, new_lines = old.split("\n"), new.split("\n")
    for match in _HUNK.finditer(patch):
        old_start, old_count, new_start, new_count = (
            int(group) if group is not None else 1 for group in match.groups()
        )
        added = new_lines[new_start - 1 : new_start - 1 + new_count] if new_count else []
        if not any(line.strip() for line in added):
            continue
        below = old_start - 1 + old_count if old_count else old_start
        above = new_lines[: new_start - 1]
        yield Insertion(
            path,
            "".join(f"{line}\n" for line in above),
            "\n".join(added),
            "".join(f"\n{line}" for line in old_lines[below:]),
        )
