"""The source files of a folder that may be read: not ignored, no secrets, of a known language.

git says what is ignored, in a checkout and, if it is installed, in a plain folder as well. Without
git, hidden folders and those that tools fill are passed by.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from inkling.git import run_git
from inkling.languages import detect_language
from inkling.secrets import contains_private_key, is_secret_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_FILE_BYTES = 1_000_000
_TOOL_FOLDERS = frozenset({"node_modules", "venv", "site-packages", "__pycache__", "target"})


def read_working_tree(
    root: Path, hides: Callable[[Path], bool] = lambda _path: False
) -> Iterator[tuple[str, str]]:
    """Path (relative to `root`, with forward slashes) and text of each source file, by path.

    Files that can't be read, are too large, binary or not UTF-8 are left out.

    Args:
        hides: whether a file, by its whole path, isn't to be read.
    """
    for path in sorted(list_working_tree(root)):
        text = None if hides(root / path) else read_source(root / path)
        if text is not None:
            yield path, text


def list_working_tree(root: Path) -> list[str]:
    """Paths below `root` that git doesn't ignore."""
    return _listed_by_git(root) or list(_walk(root))


def read_source(path: Path) -> str | None:
    """The text of a source file; None if it isn't one that may be read."""
    if is_secret_path(path) or detect_language(path) is None:
        return None
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return None
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in text or contains_private_key(text) else text


def is_ignored(path: Path) -> bool:
    """Whether git, in the checkout that holds `path`, ignores it; outside of one nothing is."""
    folder = next((parent for parent in path.parents if parent.is_dir()), None)
    return folder is not None and run_git(folder, "check-ignore", "-q", str(path)) is not None


def checkout_paths(root: Path) -> list[str] | None:
    """Paths below `root` that git knows or doesn't ignore; None if it lies in no checkout."""
    listing = run_git(root, "ls-files", "-z", "-co", "--exclude-standard", "--", ".")
    return None if listing is None else sorted({path for path in listing.split("\0") if path})


def _listed_by_git(root: Path) -> list[str]:
    paths = checkout_paths(root)
    if paths is not None or run_git(root, "--version") is None:
        return paths or []
    # Not a checkout. An empty repository beside it lends its rules.
    with tempfile.TemporaryDirectory(prefix="inkling-git-") as empty:
        repository = str(Path(empty) / "git")
        if run_git(root, "init", "--quiet", "--bare", repository) is None:
            return []
        place = ["--git-dir", repository, "--work-tree", str(root)]
        listing = run_git(root, *place, "ls-files", "-z", "-o", "--exclude-standard")
    return sorted({path for path in (listing or "").split("\0") if path})


def _walk(root: Path) -> Iterator[str]:
    for folder, names, files in os.walk(root):
        names[:] = [n for n in names if not n.startswith(".") and n not in _TOOL_FOLDERS]
        for name in files:
            yield (Path(folder) / name).relative_to(root).as_posix()
