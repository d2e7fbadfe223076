"""A repository as one text, as StarCoder2 has it: files between sentinels, imports first.

    <repo_name>R<file_sep>path\\ncode…<file_sep>path\\ncode…       for one half of the repositories
    <file_sep>code…<file_sep>code…                                for the other

Which half is drawn from the repository's name. `read_repository` gives back every byte. Holes are
not cut here: pretraining does that, per file, when it makes examples. Commits, notebooks and
discussions aren't files of a repository's text: each keeps the form that its own format gave it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.formats.imports import imports_first
from curation.formats.sentinels import Part, join, split
from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

METADATA_SHARE = 0.5
REPOSITORY = "repository"


@dataclass(frozen=True)
class Item:
    """A document of a corpus.

    Attributes:
        language: of a file; of anything else its format (`commit`, `notebook`, `discussion`).
        origin: of the checkout, if it is known.
    """

    repo: str
    path: str
    language: str
    id: str
    text: str
    origin: str | None = None


def repository_rows(items: Iterable[Item]) -> Iterator[dict[str, Any]]:
    """Each document once: first what is no file, a row each, then the repositories by name.

    A row has `repo_name`, `kind` (`repository`, or the format), `files`, the documents' `ids` in
    their order, and `content`. Checkouts of one name and several origins are several repositories;
    of files that share everything but their text, such as those of two folders with one name, the
    second goes into a further text.
    """
    repositories: dict[tuple[str, str], list[dict[str, Item]]] = {}
    for item in items:
        if item.language not in BY_NAME:
            yield _row(item.repo, item.language, [item.id], item.text)
            continue
        path = item.path.replace("\n", "\N{REPLACEMENT CHARACTER}")
        texts = repositories.setdefault((item.repo, item.origin or ""), [])
        for files in texts:
            if path not in files:
                files[path] = item
                break
        else:
            texts.append({path: item})
    for (repo, _), texts in sorted(repositories.items()):
        for files in texts:
            order = imports_first({path: item.text for path, item in files.items()})
            content = _text(repo, [(path, files[path].text) for path in order])
            yield _row(repo, REPOSITORY, [files[path].id for path in order], content)


def _row(repo: str, kind: str, ids: list[str], content: str) -> dict[str, Any]:
    return {"repo_name": repo, "kind": kind, "files": len(ids), "ids": ids, "content": content}


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
    return _text(repo, [(path, files[path]) for path in imports_first(files)], metadata)


def _text(repo: str, files: Iterable[tuple[str, str]], metadata: bool | None = None) -> str:
    named = has_metadata(repo) if metadata is None else metadata
    parts = [Part("repo_name", repo)] if named else []
    for path, text in files:
        parts.append(Part("file_sep", f"{path}\n{text}" if named else text))
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
