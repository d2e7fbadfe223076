"""Which files of a repository import which: read from import lines, without running anything.

Python by module path, absolute and relative; JavaScript and TypeScript by relative path; C and C++
by quoted includes. Anything else, and whatever leads outside the repository, has no edge.
"""

from __future__ import annotations

import posixpath
import re
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<base>\.*[\w.]*)[ \t]+import[ \t]+\(?(?P<names>[\w, \t.*]*)"
    r"|import[ \t]+(?P<modules>[\w., \t]+))",
    re.MULTILINE,
)
_SCRIPT = re.compile(r"(?:\bfrom|\bimport|\brequire\s*\()\s*['\"](\.{1,2}/[^'\"\n]+)['\"]")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*\"([^\"\n]+)\"", re.MULTILINE)
_SCRIPT_ENDS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.js")
_ROOTS = ("", "src/", "lib/")


def imported_files(path: str, text: str, known: Mapping[str, str] | set[str]) -> set[str]:
    """The paths among `known` that a file imports, itself aside."""
    if path.endswith((".py", ".pyi")):
        found = _python(path, text, known)
    elif path.endswith((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")):
        found = _scripts(path, text, known)
    elif path.endswith((".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx")):
        found = _includes(path, text, known)
    else:
        return set()
    return set(found) - {path}


def imports_first(files: Mapping[str, str]) -> list[str]:
    """The paths in an order in which a file comes after all that it imports.

    Where files import each other in a circle, the one with the fewest unmet imports goes first
    (DeepSeek-Coder), and of several the first by name.

    Args:
        files: path → text.
    """
    waiting = {path: imported_files(path, text, files) for path, text in files.items()}
    importers: dict[str, list[str]] = {path: [] for path in files}
    for path, imported in waiting.items():
        for other in imported:
            importers[other].append(path)
    ordered: list[str] = []
    heap = [(len(unmet), path) for path, unmet in waiting.items()]
    heapify(heap)
    while heap:
        unmet_imports, path = heappop(heap)
        if path not in waiting or unmet_imports != len(waiting[path]):
            continue  # its count has fallen since, and stands in the heap a second time
        del waiting[path]
        ordered.append(path)
        for importer in importers[path]:
            if importer in waiting:
                waiting[importer].discard(path)
                heappush(heap, (len(waiting[importer]), importer))
    return ordered


def _python(path: str, text: str, known: Mapping[str, str] | set[str]) -> Iterator[str]:
    package = path.split("/")[:-1]
    for match in _PYTHON.finditer(text):
        if match["modules"] is not None:
            for item in match["modules"].split(","):
                yield from _module(item.split(" as ")[0].strip().split("."), [], known)
            continue
        base = match["base"]
        dots = len(base) - len(base.lstrip("."))
        if dots > len(package) + 1:
            continue
        start = package[: len(package) - dots + 1] if dots else []
        parts = [part for part in base.lstrip(".").split(".") if part]
        yield from _module(parts, start, known, relative=bool(dots))
        for name in match["names"].split(","):
            words = name.split()
            if words:
                yield from _module([*parts, words[0]], start, known, relative=bool(dots))


def _module(
    parts: Sequence[str],
    start: Sequence[str],
    known: Mapping[str, str] | set[str],
    relative: bool = False,
) -> Iterator[str]:
    name = "/".join([*start, *parts])
    for root in ("",) if relative else _ROOTS:
        for end in (".py", "/__init__.py", ".pyi"):
            if name and f"{root}{name}{end}" in known:
                yield f"{root}{name}{end}"


def _scripts(path: str, text: str, known: Mapping[str, str] | set[str]) -> Iterator[str]:
    for match in _SCRIPT.finditer(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        stems = [target, target.removesuffix(".js")]
        yield from (f"{stem}{end}" for stem in stems for end in _SCRIPT_ENDS if stem + end in known)


def _includes(path: str, text: str, known: Mapping[str, str] | set[str]) -> Iterator[str]:
    for match in _INCLUDE.finditer(text):
        for folder in (posixpath.dirname(path), "", "include", "src"):
            target = posixpath.normpath(posixpath.join(folder, match[1]))
            if target in known:
                yield target
                break
