"""The other files of a workspace that may go into a prompt, as they stand in the editor or on disk.

What git ignores, secrets, binary and very large files never come in; `inkling.snippets` chooses
among the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from inkling.languages import detect_language
from inkling.neighbours import related_paths
from inkling.secrets import contains_private_key, is_secret_path
from inkling.snippets import Neighbour, Standing, snippet_room
from inkling.working_tree import MAX_FILE_BYTES, is_ignored, list_working_tree, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lsp_server.backend import Served
    from lsp_server.documents import Document
    from lsp_server.workspace import Place

_ELSEWHERE_TOKENS = 1024  # a server elsewhere cuts by itself


@dataclass(frozen=True)
class OpenFiles:
    """What the editor has open, and where it was edited.

    Attributes:
        documents: the newest snapshots.
        edited: by URI the lines (from 0) that were edited lately, the newest first.
    """

    documents: Sequence[Document] = ()
    edited: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def snippet_budget(served: Served) -> int:
    """Tokens for other files in the prompts of a model."""
    if not served.context_tokens:
        return _ELSEWHERE_TOKENS
    return snippet_room(served.context_tokens) if served.takes_files else 0


def may_be_read(document: Document) -> bool:
    """Whether an open document may enter prompts for other files, or the repository memory."""
    text, path = document.text, document.path
    return (
        text is not None
        and path is not None
        and len(text) <= MAX_FILE_BYTES
        and detect_language(path) is not None
        and not is_secret_path(path)
        and "\0" not in text
        and not contains_private_key(text)
    )


def gather(
    document: Document, place: Place, paths: Sequence[str], opened: OpenFiles
) -> list[Neighbour]:
    """The files that belong to `document`, the closest first; reads some of them.

    Args:
        paths: what the workspace holds, from `list_working_tree(place.root)`.
    """
    if place.root is None or place.path is None:
        return []
    known = set(paths)
    here = _open_here(document, place.root, known, opened)
    related = related_paths(place.path, document.text or "", sorted(known | set(here)))
    others = [path for path in here if path not in related]
    neighbours = []
    for path in (*related, *others):
        other = here.get(path)
        if other is None:
            text = read_again(place.root / path)
            if text is not None:
                neighbours.append(Neighbour(path, text))
            continue
        edited = opened.edited.get(other.uri, ())
        standing = Standing.EDITED if edited else Standing.OPEN
        neighbours.append(Neighbour(path, other.text or "", standing, edited))
    return neighbours


def _open_here(
    document: Document, root: Path, known: set[str], opened: OpenFiles
) -> dict[str, Document]:
    """Other open documents below `root` by their path, those edited last first."""
    found: dict[str, Document] = {}
    order = [*opened.edited, *(other.uri for other in opened.documents)]
    by_uri = {other.uri: other for other in opened.documents}
    for uri in dict.fromkeys(order):
        other = by_uri.get(uri)
        if other is None or uri == document.uri or not may_be_read(other):
            continue
        path = other.path
        if path is None or not path.is_relative_to(root):
            continue
        name = path.relative_to(root).as_posix()
        if name in known or not is_ignored(path):
            found[name] = other
    return found


def read_again(path: Path) -> str | None:
    """The text of a source file that may be read; not read again until it changes."""
    try:
        status = path.stat()
    except OSError:
        return None
    return _read(str(path), status.st_mtime_ns, status.st_size)


@lru_cache(256)
def _read(path: str, _changed: int, _size: int) -> str | None:
    return read_source(Path(path))


def listed(place: Place) -> list[str]:
    """Paths of a workspace's files; of a folder that is none only the files right in it."""
    if place.root is None:
        return []
    if place.is_whole:
        return list_working_tree(place.root)
    try:
        return sorted(path.name for path in place.root.iterdir() if path.is_file())
    except OSError:  # a document that isn't on disk yet
        return []


def on_disk(document: Document, place: Place) -> list[Neighbour]:
    """The neighbours of a file without an editor, for the command line."""
    return gather(document, place, listed(place), OpenFiles())
