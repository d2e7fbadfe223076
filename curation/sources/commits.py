"""Source "commits": what each commit of a git checkout changed in each file, without its author.

Merges, added, deleted and renamed files are left out. Changes that aren't UTF-8 text or say too
little are listed with the reason, so that they stand among the dropped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from curation.formats.commit import FileChange, commit_text, drop_reason, without_people
from curation.sources.cat_file import CatFile
from curation.sources.head import unreadable_checkout
from curation.sources.license_history import LicenseHistory
from curation.sources.names import as_text, repository_name, root_of
from inkling.errors import InklingError
from inkling.git import ask_git, refused_checkout, run_git
from inkling.languages import detect_language
from inkling.origin import origin_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from curation.sources.source_file import SourceFile
    from curation.sources.spool import Spool

FORMAT = "commit"
_MARK = "\x01"
_HEADER = re.compile(rf"{_MARK}([0-9a-f]{{40,64}})\0(\d+)\0")
_CHANGE = re.compile(r":\d+ 100\d+ ([0-9a-f]+) ([0-9a-f]+) M\0([^\0]+)")
_MAX_BLOB = 1_000_000


def list_commits(
    root: Path, spool: Spool, own: bool = False, name: str | None = None
) -> Iterator[SourceFile]:
    """A document for every commit and file, or why it isn't worth one; newest first.

    A repository without a history to read, and what a shallow clone lacks, are listed with that
    for a reason. Paths, licences and the name are those of the whole repository.

    Args:
        root: a checkout, a folder of one (whose files alone are listed), or a bare repository.
        name: of the repository (default: that of its folder).

    Raises:
        InklingError: `root` is no git checkout, or git fails in the middle.
    """
    folder = root.expanduser().resolve()
    missing = _missing_history(folder)
    root = root_of(folder)
    repo, origin = name or repository_name(root), origin_of(root)
    if missing is not None:
        yield spool.refuse(repo, ".", "no_history", missing)
    log, reason = ask_git(
        folder, "log", "--no-merges", f"--format={_MARK}%H%x00%ct%x00%B%x00", "--raw", "-z",
        "--no-abbrev", "--diff-filter=M", "--", ".",
    )  # fmt: skip
    if log is None and missing is None:
        raise unreadable_checkout(root, reason)
    if not log:
        if missing is None:
            detail = "none of its commits changes a file that was there before"
            yield spool.refuse(repo, ".", "no_history", detail)
        return
    yield from _documents(log, root, spool, repo, origin, own)


def _documents(
    log: str, root: Path, spool: Spool, repo: str, origin: str | None, own: bool
) -> Iterator[SourceFile]:
    """A document, or why it isn't worth one, for each change in the output of `git log`."""
    with (
        CatFile(root, "--batch") as git,
        LicenseHistory(root, lambda blob: _text(git, blob)) as licenses,
    ):
        for commit, moment, message, path, old, new in parse_log(log):
            if detect_language(path) is None:
                continue
            before, after = _text(git, old), _text(git, new)
            if before is None or after is None:
                yield spool.refuse(repo, as_text(path), "no_text", f"of commit {commit}", commit)
                continue
            told = without_people(message)
            change = FileChange(commit, told, as_text(path), before, after)
            refused = drop_reason(change)
            if refused is not None:
                reason, detail = refused
                yield spool.refuse(repo, change.path, reason, f"{detail}; commit {commit}", commit)
                continue
            expression, source = licenses.of(commit, path)
            yield spool.add(
                commit_text(change),
                repo,
                change.path,
                revision=commit,
                license=expression,
                license_source=source,
                committed_at=moment,
                own=own,
                format=FORMAT,
                origin=origin,
            )


def _missing_history(root: Path) -> str | None:
    """What of its history a checkout lacks, if it lacks any.

    Raises:
        InklingError: `root` is no git checkout, or one that git can't read.
    """
    shallow = run_git(root, "rev-parse", "--is-shallow-repository") if root.is_dir() else None
    refused = refused_checkout(root) if shallow is None else None
    if refused is not None:
        raise unreadable_checkout(root, refused)
    if shallow is None:
        raise InklingError(
            f"There is no git checkout at {root}.", "Name a git checkout that has commits."
        )
    if run_git(root, "rev-parse", "--verify", "HEAD") is None:
        return "the repository has no commits"
    if shallow.strip() == "true":
        return "a shallow clone: what its oldest commits changed isn't here"
    return None


def parse_log(log: str) -> Iterator[tuple[str, int, str, str, str, str]]:
    """(commit, time, message, path, old blob, new blob) of each changed file in git's raw log."""
    headers = list(_HEADER.finditer(log))
    for number, header in enumerate(headers):
        end = headers[number + 1].start() if number + 1 < len(headers) else len(log)
        message, _, changes = log[header.end() : end].partition("\0")
        for change in _CHANGE.finditer(changes):
            yield header[1], int(header[2]), as_text(message), change[3], change[1], change[2]


def _text(git: CatFile, blob: str) -> str | None:
    """A blob's text; None if it is missing, too large, or no UTF-8 text."""
    header = git.ask(blob).split()
    if len(header) != 3:
        return None
    raw = git.read(int(header[2]))
    if len(raw) > _MAX_BLOB or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
