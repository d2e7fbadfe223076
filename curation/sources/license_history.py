"""Which licence held for a file at a commit: what the licence files and manifests of it said.

The files are those of the commit's own tree, so a project that changed its licence keeps the old
one for its old code, and a file that is gone has the licence it had.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from curation.sources.license_files import MANIFESTS, LicenseFiles, is_license_file
from inkling.working_tree import run_git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_NAMES = (":(icase,glob)**/*licen[cs]e*", ":(icase,glob)**/copying*")


class LicenseHistory:
    """Asks one `git cat-file` process; a context manager.

    Args:
        root: a folder of the checkout; what lies above it isn't looked at.
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
        self._process = subprocess.Popen(
            ["git", "-C", str(root), "cat-file", "--batch-check=%(objecttype) %(objectname)"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> LicenseHistory:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()

    def of(self, commit: str, path: str) -> tuple[str | None, str | None]:
        """(SPDX expression, how it was found) for a file of a commit."""
        if commit != self._commit:
            self._commit, self._present = commit, {}
        parts = path.split("/")[:-1]
        folders = ("/".join(parts[:depth]) for depth in range(len(parts) + 1))
        found = []
        for candidate in (file for folder in folders for file in self._by_folder.get(folder, ())):
            if candidate not in self._present:
                self._present[candidate] = self._blob(f"{commit}:./{candidate}")
            blob = self._present[candidate]
            if blob is not None:
                found.append((candidate, blob))
        key = tuple(found)
        if key not in self._known:
            texts = ((name, self._text_of(blob) or "") for name, blob in key)
            self._known[key] = LicenseFiles.from_texts(texts)
        return self._known[key].of(path)

    def _blob(self, name: str) -> str | None:
        """The blob of a name such as `COMMIT:./path`, if there is one."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        process.stdin.flush()
        kind, _, blob = process.stdout.readline().decode("ascii", "replace").strip().partition(" ")
        return blob if kind == "blob" else None


def _paths_ever(root: Path) -> set[str]:
    """Every path below `root` that ever was a licence file or a manifest."""
    manifests = [f":(glob)**/{name}" for name in MANIFESTS]
    log = run_git(
        root, "log", "--format=", "--name-only", "-z", "--relative", "--", *_NAMES, *manifests
    )
    paths = {path for path in (log or "").split("\0") if path and "\n" not in path}
    return {p for p in paths if is_license_file(p) or p.rpartition("/")[2] in MANIFESTS}
