"""Licence files and package manifests, and the files that they hold for: all below their folder.

Of all that lies between a file and the root everything holds together (`AND`), as in The Stack v2:
a vendored folder under another licence is never taken for the repository's. A licence file that
isn't recognised makes all below it unknown.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from inkling.languages import detect_language
from inkling.license_text import UNRECOGNIZED, licenses_in
from inkling.licenses import from_description

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

_LICENSE_FILE = re.compile(
    r"(?:un)?licen[cs]es?\d*(?:[-_. (](?!header|template|check|plist)[\w.+ ()-]+)?"
    r"|copying\d*(?:[-_.][a-z0-9.]+)?|eula(?:\.\w+)?"
    r"|(?:mit|bsd|apache|gpl|(?:non-?)?commercial|enterprise|ee|additional)[-_]"
    r"(?:licen[cs]e|terms)(?:\.txt|\.md)?",
    re.IGNORECASE,
)
_THIRD_PARTY = re.compile(r"third|3rd|dependenc|bundled|external|fonts?\b", re.IGNORECASE)
_TEXT_SUFFIXES = frozenset({"", ".txt", ".md", ".rst", ".markdown"})
_DATA_SUFFIXES = frozenset({".png", ".svg", ".jpg", ".gif", ".ico", ".xml", ".csv"})
_INCLUDE = re.compile(
    r"^[ \t]*(?:\.\. (?:literal)?include::[ \t]*(\S+)(?:\n[ \t]+:[\w-]+:.*)*"
    r"|`{3,}\{(?:literal)?include\}[ \t]*(\S+)\n(?::[\w-]+:.*\n)*`{3,}"
    r'|-+8<-+[ \t]*"([^"\n]+)"|\{![ \t]*([^!\s]+)[ \t]*!\})[ \t]*$',
    re.MULTILINE,
)
_HEADING = re.compile(r"^(?:#+ .*|.{1,80}\n[=~^*#-]{3,}|[=~^*#-]{3,}|\.\. _[\w -]+:)[ \t]*$", re.M)
MANIFESTS = ("pyproject.toml", "package.json", "Cargo.toml", "composer.json")
_MAX_BYTES = 1_000_000
UNREAD = "?"
"""Stands for a licence file that can't be read: a text that no licence has."""


def is_license_file(path: str) -> bool:
    """Whether a file is, by its name, the licence of the folder that it lies in.

    `LICENSES/` (REUSE) holds texts that headers refer to; it says nothing of other files. Lists of
    third parties' licences say nothing of the rest either.
    """
    pure = PurePosixPath(path)
    if "LICENSES" in pure.parts[:-1] or _THIRD_PARTY.search(pure.name):
        return False
    # A name such as LICENSE.enterprise or LICENSE-MPL-2.0 has a suffix too; only what is another
    # kind of file by its suffix doesn't count.
    suffix = pure.suffix
    textual = suffix.lower() in _TEXT_SUFFIXES or suffix.isupper()
    textual = textual or (suffix.lower() not in _DATA_SUFFIXES and detect_language(pure) is None)
    return textual and _LICENSE_FILE.fullmatch(pure.name) is not None


@dataclass(frozen=True)
class LicenseFiles:
    """Folder (`""` is the root) → SPDX ids that hold for all below it, and how they were found."""

    by_folder: dict[str, tuple[tuple[str, ...], str]]
    files: dict[str, tuple[str, ...]]
    """Folder → the paths of the files that say so."""

    @classmethod
    def among(cls, files: Iterable[tuple[str, Path]], manifests: bool = True) -> LicenseFiles:
        """What the licence files among (path, location) say; where there is none, the manifests.

        Args:
            manifests: whether `pyproject.toml`, `package.json` and the like count.
        """
        return cls.from_texts(
            (path, _read(location))
            for path, location in files
            if is_license_file(path) or (manifests and path.rpartition("/")[2] in MANIFESTS)
        )

    @classmethod
    def from_texts(cls, files: Iterable[tuple[str, str]]) -> LicenseFiles:
        """What licence files and manifests, given as (path, text), say."""
        known = dict(files)
        said: dict[str, dict[str, set[str]]] = {"manifest": {}, "file": {}}
        names: dict[tuple[str, str], list[str]] = {}
        for path, text in known.items():
            folder, _, name = path.rpartition("/")
            kind = "file" if is_license_file(path) else "manifest"
            if kind == "file":
                found = () if _shows_another(path, text, known) else tuple(licenses_in(text))
            else:
                expression = manifest_license(name, text)
                found = (expression,) if expression else ()
            if found:
                said[kind].setdefault(folder, set()).update(found)
                names.setdefault((folder, kind), []).append(path)
        by_folder = {
            folder: (tuple(sorted(ids)), kind)
            for kind, folders in said.items()
            for folder, ids in folders.items()
        }
        paths = {folder: tuple(names[folder, kind]) for folder, (_, kind) in by_folder.items()}
        return cls(by_folder, paths)

    def files_for(self, path: str) -> list[str]:
        """The licence files and manifests that hold for a file."""
        return [name for folder in _folders_above(path) for name in self.files.get(folder, ())]

    def of(
        self, path: str, declared: str | None = None, declared_in: str | None = None
    ) -> tuple[str | None, str | None]:
        """(SPDX expression, how it was found) for a file.

        Args:
            declared, declared_in: what holds for the whole package, from elsewhere.
        """
        parts: list[str] = []
        sources: list[str] = []
        if declared and declared_in:
            parts += [_bracketed(declared)]
            sources += [declared_in]
        for folder in _folders_above(path):
            identifiers, source = self.by_folder.get(folder, ((), ""))
            new = [_bracketed(i) for i in identifiers if _bracketed(i) not in parts]
            parts += new
            if new and source not in sources:
                sources.append(source)
        if len(parts) == 1:
            return parts[0].removeprefix("(").removesuffix(")"), sources[0]
        return (" AND ".join(parts) or None, "+".join(sources) or None)


def _shows_another(path: str, text: str, known: Container[str]) -> bool:
    """Whether a page only shows (`literalinclude`) a licence file that holds for it anyway."""
    shown = [next(filter(None, match.groups())) for match in _INCLUDE.finditer(text)]
    if not shown or _HEADING.sub("", _INCLUDE.sub("", text)).strip():
        return False
    folder = path.rpartition("/")[0]
    for target in shown:
        places = {posixpath.normpath(posixpath.join(base, target)) for base in (folder, "")}
        if not any(
            place != path
            and place in known
            and is_license_file(place)
            and place.rpartition("/")[0] in _folders_above(path)
            for place in places
        ):
            return False
    return True


def manifest_license(name: str, text: str) -> str | None:
    """The SPDX expression that a package manifest declares; `UNRECOGNIZED` for anything else.

    A manifest that can't be parsed declares nothing.
    """
    try:
        value = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    said = _field(value, "project" if name == "pyproject.toml" else "package")
    if said is None and name == "pyproject.toml":
        said = _field(value.get("tool", {}), "poetry")
    if said is None and name.endswith(".json"):
        said = value.get("license")
    if isinstance(said, list) and all(isinstance(item, str) for item in said):
        said = " OR ".join(said)  # composer.json lists alternatives
    if isinstance(said, dict):
        said = said.get("text") or said.get("type")
    if not isinstance(said, str):
        return None
    return from_description(said) or UNRECOGNIZED


def _field(value: Any, table: str) -> Any:
    inner = value.get(table) if isinstance(value, dict) else None
    return inner.get("license") if isinstance(inner, dict) else None


def _folders_above(path: str) -> Iterator[str]:
    yield ""
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        yield "/".join(parts[:depth])


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def _read(location: Path) -> str:
    """The text of a licence file; one that no licence has if it can't be read or is too large."""
    try:
        if location.stat().st_size > _MAX_BYTES:
            return UNREAD
        return location.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return UNREAD
