"""Which licence held for a file at a commit: what the licence files and manifests of it said.

The files are those of the commit's own tree, so a project that changed its licence keeps the old
one for its old code, and a file that is gone has the licence it had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.sources.cat_file import CatFile
from curation.sources.license_files import MANIFESTS, UNREAD, LicenseFiles, is_license_file
from inkling.git import run_git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAMES = (":(icase,glob)**/*licen[cs]e*", ":(icase,glob)**/copying*", ":(icase,glob)**/eula*")


class LicenseHistory:
    """Asks one `git cat-file` process; a context manager.

    Args:
        root: of the repository.
        text_of: the text of a blob by its name; None if it is no text.
    """

    def __init__(self, root: Path, text_of: Callable[[str], str | None]) -> None:
        self._text_of = text_of
        self._by_folder: dict[str, list[str]] = {}
        for path in sorted(_paths_ever(root)):
            self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        self._commit = ""
        self._present: dict[str, str | None] = {}
        self._known: dict[tuple[tuple[str, str], ...], LicenseFiles] = {}
        self._git = CatFile(root, "--batch-check=%(objecttype) %(objectname)")

    def __enter__(self) -> LicenseHistory:
        return self

    def __exit__(self, *raised: object) -> None:
        self._git.__exit__(*raised)

    def of(self, commit: str, path: str) -> tuple[str | None, str | None]:
        """(SPDX expression, how it was found) for a file of a commit."""
        if commit != self._commit:
            self._commit, self._present = commit, {}
        parts = path.split("/")[:-1]
        folders = ("/".join(parts[:depth]) for depth in range(len(parts) + 1))
        found = []
        for candidate in (file for folder in folders for file in self._by_folder.get(folder, ())):
            if candidate not in self._present:
                self._present[candidate] = self._blob(f"{commit}:{candidate}")
            blob = self._present[candidate]
            if blob is not None:
                found.append((candidate, blob))
        key = tuple(found)
        if key not in self._known:
            texts = (
                (name, UNREAD if (text := self._text_of(blob)) is None else text)
                for name, blob in key
            )
            self._known[key] = LicenseFiles.from_texts(texts)
        return self._known[key].of(path)

    def _blob(self, name: str) -> str | None:
        """The blob of a name such as `COMMIT:path`, if there is one."""
        kind, _, blob = self._git.ask(name).partition(" ")
        return blob if kind == "blob" else None


def _paths_ever(root: Path) -> set[str]:
    """Every path in the repository that ever was a licence file or a manifest."""
    manifests = [f":(glob)**/{name}" for name in MANIFESTS]
    log = run_git(root, "log", "--format=", "--name-only", "-z", "--", *_NAMES, *manifests)
    paths = {path for path in (log or "").split("\0") if path and "\n" not in path}
    return {p for p in paths if is_license_file(p) or p.rpartition("/")[2] in MANIFESTS}
