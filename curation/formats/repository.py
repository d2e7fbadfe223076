"""A repository as one text, as StarCoder2 has it: files between sentinels, imports first.

    <repo_name>R<file_sep>path\\ncode…<file_sep>path\\ncode…       for one half of the repositories
    <file_sep>code…<file_sep>code…                                for the other

Which half is drawn from the repository's name. `read_repository` gives back every byte. Holes are
not cut here: pretraining does that, per file, when it makes examples.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from curation.formats.imports import imports_first
from curation.formats.sentinels import Part, join, split

if TYPE_CHECKING:
    from collections.abc import Mapping

METADATA_SHARE = 0.5


def has_metadata(repo: str) -> bool:
    """Whether a repository's text names it and its paths."""
    digest = hashlib.sha256(f"metadata {repo}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 < METADATA_SHARE


def repository_text(repo: str, files: Mapping[str, str], metadata: bool | None = None) -> str:
    """All files of a repository as one text.

    Args:
        files: path → text.
        metadata: whether names are in it; None: as `has_metadata` draws.

    Raises:
        ValueError: a path holds a line end, so it couldn't be told from the code.
    """
    if any("\n" in path for path in files):
        raise ValueError("a path holds a line end")
    named = has_metadata(repo) if metadata is None else metadata
    parts = [Part("repo_name", repo)] if named else []
    for path in imports_first(files):
        parts.append(Part("file_sep", f"{path}\n{files[path]}" if named else files[path]))
    return join(parts)


def read_repository(text: str) -> tuple[str | None, list[tuple[str | None, str]]]:
    """(name, [(path, text), …]) of a repository's text; None for names that it doesn't have."""
    parts = split(text)
    if not parts or parts[0].sentinel != "repo_name":
        return None, [(None, part.text) for part in parts]
    files: list[tuple[str | None, str]] = []
    for part in parts[1:]:
        path, _, code = part.text.partition("\n")
        files.append((path, code))
    return parts[0].text, files
