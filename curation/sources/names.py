"""What the repositories of a run are called: by their folders, or more of their paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inkling.git import run_git

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_text(name: str) -> str:
    """A file name that can be stored: bytes in it that aren't UTF-8 become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def repository_root(folder: Path) -> Path | None:
    """The root of the git checkout that a folder lies in, if it lies in one."""
    found = run_git(folder, "rev-parse", "--show-toplevel")
    return Path(found.rstrip("\n")) if found else None


def root_of(folder: Path) -> Path:
    """The root of the checkout that a folder lies in; of a bare repository and outside: itself.

    Of a checkout's `.git` it is the checkout.
    """
    root = repository_root(folder)
    if root is not None:
        return root
    found = Path((run_git(folder, "rev-parse", "--absolute-git-dir") or str(folder)).rstrip("\n"))
    return found.parent if found.name == ".git" else found


def repository_name(root: Path, parts: int = 1) -> str:
    """The last `parts` of a root's path, without the `.git` of a bare repository."""
    return as_text("/".join(root.as_posix().removesuffix(".git").split("/")[-parts:]))


def repository_names(folders: Iterable[Path]) -> dict[Path, str]:
    """Folder → the name of its repository; no two repositories have the same.

    Folders of one checkout are one repository. Those that would share a name, as `a/x` and `b/x`,
    are called by as much of their paths as tells them apart.
    """
    roots = {folder: root_of(folder.expanduser().resolve()) for folder in folders}
    distinct = set(roots.values())
    names = {}
    for root in distinct:
        parts = 1
        others = distinct - {root}
        while parts < len(root.parts) and repository_name(root, parts) in {
            repository_name(other, parts) for other in others
        }:
            parts += 1
        names[root] = repository_name(root, parts)
    return {folder: names[root] for folder, root in roots.items()}


def place_name(folder: Path, repository: str) -> str:
    """The name of a folder's repository, with the path of the folder in it."""
    folder = folder.expanduser().resolve()
    root = root_of(folder)
    inside = folder.relative_to(root).as_posix() if root in folder.parents else "."
    return repository if inside in (".", ".git") else f"{repository}/{as_text(inside)}"
