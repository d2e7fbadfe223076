"""Source "folder / git checkout": the files of a folder that `.gitignore` doesn't exclude.

In a git checkout git itself says which files count and when each was last committed. A plain
folder is walked, and the `.gitignore` files found in it are honoured through `pathspec`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.sources.head import committed_blobs, unreadable_checkout
from curation.sources.license_files import LicenseFiles
from curation.sources.names import as_text, repository_name, repository_root
from curation.sources.source_file import SourceFile
from inkling.errors import InklingError, require
from inkling.git import refused_checkout, run_git
from inkling.origin import inner_origin, origin_of
from inkling.working_tree import checkout_paths, is_ignored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pathspec

_COMMIT_MARK = "\x01"
_ABSENT = ("absent", "")


def list_folder(root: Path, own: bool = False, name: str | None = None) -> Iterator[SourceFile]:
    """Every file below `root` that isn't ignored, ordered by path.

    Paths, the name, the origin and the licences of a folder inside a checkout are those that the
    whole checkout gives. Links are not followed; they, what can't be read and folders that can't be
    opened are listed with that for a reason. Files that no commit knows have no revision.

    Args:
        own: the code is the user's own.
        name: of the repository (default: that of its folder).

    Raises:
        InklingError: `root` is no folder, or git can't read the checkout that it lies in.
    """
    root = root.expanduser().resolve()
    if not root.is_dir():
        raise InklingError(f"There is no folder at {root}.", "Name a folder or a git checkout.")
    refused = refused_checkout(root)
    if refused is not None:  # without git nobody knows whose it is, so nobody could opt out
        raise unreadable_checkout(root, refused)
    revision = run_git(root, "rev-parse", "HEAD")
    paths = checkout_paths(root) if revision is not None else None
    committed = _commit_times(root) if revision is not None else {}
    top = repository_root(root) or root
    repo, origins = name or repository_name(top), _Origins(top)
    prefix = (run_git(root, "rev-parse", "--show-prefix") or "").rstrip("\n")
    blobs = committed_blobs(root) if revision is not None else {}
    closed: dict[str, str] = {}
    if paths is None:
        paths = list(_walk(root, closed))
    else:
        closed = _passed_by(root)
    present: list[tuple[str, Path, os.stat_result]] = []
    for path, location, found in _looked_at(root, paths, closed):
        if isinstance(found, os.stat_result):
            present.append((path, location, found))
            continue
        yield SourceFile(
            str(location), repo, as_text(prefix + path), None, None, None, 0, 0,
            own=own, flaw=found, origin=origins.of(location.parent),
        )  # fmt: skip
    inside = ((prefix + path, location) for path, location, _ in present)
    licenses = LicenseFiles.among([*_files_above(root, prefix), *inside])
    for path, location, status in present:
        expression, found_in = licenses.of(prefix + path)
        yield SourceFile(
            str(location),
            repo,
            as_text(prefix + path),
            revision.strip() if revision and path in blobs else None,
            expression,
            found_in,
            status.st_size,
            status.st_mtime_ns,
            committed.get(path),
            own=own,
            origin=origins.of(location.parent),
            blob=blobs.get(path),
        )


class _Origins:
    """Where the files below a folder come from: each from the checkout that it lies in, if any.

    Args:
        top: root of the checkout, or a plain folder, in which checkouts may lie.
    """

    def __init__(self, top: Path) -> None:
        self._top = top
        self._known: dict[Path, str | None] = {top: origin_of(top)}

    def of(self, folder: Path) -> str | None:
        """The origin of what lies directly in a folder at or below the top."""
        if folder not in self._known:
            is_checkout = os.path.lexists(folder / ".git")
            self._known[folder] = self._inner(folder) if is_checkout else self.of(folder.parent)
        return self._known[folder]

    def _inner(self, checkout: Path) -> str | None:
        origin = origin_of(checkout)
        return origin and inner_origin(origin, checkout.relative_to(self._top).as_posix())


def _looked_at(
    root: Path, paths: Iterable[str], closed: Mapping[str, str]
) -> Iterator[tuple[str, Path, os.stat_result | tuple[str, str]]]:
    """Each path in order, with its status or with why it can't be read; what is gone is left out.

    Args:
        closed: folders that can't be opened, with the system's reason.
    """
    for path in sorted({*paths, *closed}):
        location = root / path
        flaw = ("unreadable_folder", closed[path]) if path in closed else _flaw(location)
        if flaw == _ABSENT:
            continue  # git still tracks it
        if flaw is not None:
            yield path, location, flaw
            continue
        try:
            yield path, location, location.stat()
        except OSError:
            continue  # removed while it was listed


def _files_above(root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """(path from the checkout's root, location) of the files in the folders above `root`.

    Args:
        prefix: path of `root` in its checkout, with a slash at its end; empty for the checkout.
    """
    names = prefix.split("/")[:-1]
    for depth in range(len(names)):
        folder = root.parents[len(names) - 1 - depth]
        listing = run_git(folder, "ls-files", "-z", "-co", "--exclude-standard", "--", ":(glob)*")
        for name in sorted(set((listing or "").split("\0")) - {""}):
            if _flaw(folder / name) is None:
                yield "/".join([*names[:depth], name]), folder / name


def _flaw(location: Path) -> tuple[str, str] | None:
    """Why a listed path is no file to read, if it is none: (reason, detail)."""
    try:
        location.lstat()
        if location.is_symlink():
            whole = "leads nowhere" if not location.exists() else "isn't followed"
            return "link", f"a symbolic link, which {whole}"
        if not location.is_file():
            return "no_file", "a folder, a pipe or a device"
    except (FileNotFoundError, NotADirectoryError):
        return _ABSENT
    except OSError as error:  # a loop, or a folder that may not be entered
        return "unreadable", error.strerror or str(error)
    return None


def _commit_times(root: Path) -> dict[str, int]:
    """Path → time of the last commit that touched it, from one pass over the history."""
    log = run_git(
        root, "log", f"--format={_COMMIT_MARK}%ct", "--name-only", "-z", "--relative", "--", "."
    )
    times: dict[str, int] = {}
    moment = 0
    for field in (log or "").replace("\n", "\0").split("\0"):
        if field.startswith(_COMMIT_MARK):
            moment = int(field[1:])
        elif field:
            times.setdefault(field, moment)
    return times


def _passed_by(root: Path) -> dict[str, str]:
    """The untracked folders of a checkout that git lists nothing of since they can't be opened."""
    closed: dict[str, str] = {}
    untracked = run_git(root, "ls-files", "-zo", "--directory", "--exclude-standard", "--", ".")
    for path in (untracked or "").split("\0"):
        if path.endswith("/"):
            for _ in os.walk(root / path, onerror=_noting(root, closed)):
                pass
    return {path: reason for path, reason in closed.items() if not is_ignored(root / path)}


def _noting(root: Path, closed: dict[str, str]) -> Callable[[OSError], None]:
    """What to do about a folder that can't be opened: note its path and why."""

    def note(error: OSError) -> None:
        path = Path(error.filename).relative_to(root).as_posix()
        closed[path] = error.strerror or str(error)

    return note


def _walk(root: Path, closed: dict[str, str]) -> Iterator[str]:
    """Paths below a plain folder that no `.gitignore` on their way excludes.

    Folders that can't be opened go into `closed`, each with the reason.
    """
    ignores: list[_Ignore] = []
    for folder, names, files in os.walk(root, onerror=_noting(root, closed)):
        files += [name for name in names if (Path(folder) / name).is_symlink()]
        base = Path(folder).relative_to(root).as_posix()
        prefix = "" if base == "." else f"{base}/"
        ignores = [ignore for ignore in ignores if prefix.startswith(ignore.prefix)]
        if ".gitignore" in files:
            ignores.append(_Ignore(prefix, _gitignore(Path(folder) / ".gitignore")))
        names[:] = [n for n in names if n != ".git" and not _ignored(f"{prefix}{n}/", ignores)]
        for name in files:
            if name != ".git" and not _ignored(f"{prefix}{name}", ignores):
                yield f"{prefix}{name}"


@dataclass(frozen=True)
class _Ignore:
    """One `.gitignore`: the folder that it holds for (with a slash at its end), and its rules."""

    prefix: str
    rules: pathspec.GitIgnoreSpec


def _ignored(path: str, ignores: list[_Ignore]) -> bool:
    """Whether a path is ignored: the deepest `.gitignore` with a rule for it decides, as in git."""
    for ignore in reversed(ignores):
        verdict = ignore.rules.check_file(path[len(ignore.prefix) :]).include
        if verdict is not None:
            return bool(verdict)
    return False


def _gitignore(path: Path) -> pathspec.GitIgnoreSpec:
    """The rules of a `.gitignore`; lines that aren't valid patterns count as nothing, as in git."""
    specification: type[pathspec.GitIgnoreSpec] = require("pathspec", "train").GitIgnoreSpec
    valid = []
    for line in _read_lines(path):
        try:
            specification.from_lines([line])
        except ValueError:
            continue
        valid.append(line)
    return specification.from_lines(valid)


def _read_lines(path: Path) -> list[str]:
    """The lines of a file; none if it can't be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
