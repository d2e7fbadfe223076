"""Which repository a file belongs to, and what it is called there: the header of the prompt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Where a file belongs.

    Attributes:
        repo: name of the repository.
        path: of the file in it, with forward slashes.
        root: folder of the repository.
        is_whole: whether that is a checkout or a workspace folder, not just the file's own folder.
    """

    repo: str | None
    path: str | None
    root: Path | None = field(default=None, compare=False)
    is_whole: bool = field(default=False, compare=False)


NOWHERE = Place(None, None)


def locate(path: Path | None, folders: Iterable[Path] = ()) -> Place:
    """The place of a file.

    The root is the nearest folder above it that git works in, else the innermost workspace folder
    that holds the file, else the file's own folder.
    """
    if path is None:
        return NOWHERE
    whole = _git_root(path) or _workspace_folder(path, folders)
    root = whole or path.parent
    return Place(root.name or None, path.relative_to(root).as_posix(), root, whole is not None)


def _git_root(path: Path) -> Path | None:
    # In a linked work tree or a submodule, `.git` is a file.
    return next((folder for folder in path.parents if (folder / ".git").exists()), None)


def _workspace_folder(path: Path, folders: Iterable[Path]) -> Path | None:
    holding = [folder for folder in folders if path.is_relative_to(folder) and folder != path]
    return max(holding, key=lambda folder: len(folder.parts), default=None)
