"""Which other files of a repository belong to a file: those it imports, and its folder's.

By names only, in any language: an import statement names a module, and a module is a file or a
folder of that name. No file is opened here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from inkling.languages import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_FILES = 24
_IMPORT = re.compile(
    r"^[ \t]*(?:"
    r"(?:from|import|use|using|require|require_relative|source|mod|export|const|let|var)\b"
    r"|\#[ \t]*include\b|\}[ \t]*from\b)(?P<rest>.*(?:\((?:[^()]*\))?)?)",
    re.MULTILINE,
)
_MODULE = re.compile(r"[\w.\-/\\:]+")
_AMONG = {"c": "c++", "typescript": "javascript"}
_SPLIT = re.compile(r"[./\\:]+")
_INDEX_NAMES = frozenset({"__init__", "index", "mod", "lib"})
_SEEN_CHARACTERS = 20_000


def imported_names(text: str) -> list[list[str]]:
    """What the head of a file imports: each module as its parts, `a.b.c` as `["a", "b", "c"]`.

    Single names that are imported count as modules too, since a package's parts are imported so.
    """
    found: list[list[str]] = []
    for match in _IMPORT.finditer(text[:_SEEN_CHARACTERS]):
        base: list[str] = []
        for module in _MODULE.findall(match["rest"]):
            parts = [part for part in _SPLIT.split(module) if part]
            if not parts or parts == ["import"]:
                continue
            found.append(parts)
            if base:
                found.append([*base, *parts])
            base = base or parts
    return found


def related_paths(path: str, text: str, paths: Iterable[str]) -> list[str]:
    """Paths of the same language's files that belong to `path`, the closest first.

    Args:
        path: of the file, relative to its repository, with forward slashes, as `paths` are.
        text: of the file.
        paths: what the repository holds.
    """
    own = PurePosixPath(path)
    modules = {tuple(parts) for parts in imported_names(text)}
    scored = []
    for other in paths:
        pure = PurePosixPath(other)
        if other == path or not _same_kind(own, pure):
            continue
        score = 2.0 * _imported(pure, modules) + (pure.parent == own.parent)
        if score:
            scored.append((-score, _distance(own, pure), other))
    return [other for _, _, other in sorted(scored)][:MOST_FILES]


def _same_kind(left: PurePosixPath, right: PurePosixPath) -> bool:
    return _kind(left) == _kind(right)


@lru_cache(4096)
def _kind(path: PurePosixPath) -> str:
    """The language, or the one that its files live among."""
    language = detect_language(path)
    name = language.name if language is not None else path.suffix
    return _AMONG.get(name, name)


def _imported(path: PurePosixPath, modules: set[tuple[str, ...]]) -> int:
    """How many parts of a path's end an import names; 0 if none imports it."""
    parts = [*path.parts[:-1], path.stem]
    if path.stem in _INDEX_NAMES:
        parts = parts[:-1]
    best = 0
    for module in modules:
        names = list(module)
        if names[-1] in ("h", "hpp", "js", "ts", "rb") and len(names) > 1:
            names = names[:-1]  # of a file's name, as C, Ruby and JavaScript give it
        length = min(len(names), len(parts))
        if length and names[-length:] == parts[-length:]:
            best = max(best, length)
    return best


def _distance(left: PurePosixPath, right: PurePosixPath) -> int:
    """Folders to go up and down from one file to the other."""
    a, b = left.parent.parts, right.parent.parts
    common = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), None)
    shared = min(len(a), len(b)) if common is None else common
    return len(a) + len(b) - 2 * shared
