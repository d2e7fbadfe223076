"""The lock file of an environment: which packages and versions a corpus is made from.

One `name==version` a line, as pip reads it; `#` starts a comment. Local version labels such as
`+cpu` name a build, not other source, and are left out.
"""

from __future__ import annotations

import importlib.metadata
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.sources.environment import normalized_name
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.!_-]+)(?:\+[A-Za-z0-9.]+)?")
_NOT_LOCKED = frozenset({"inkling", "pip"})


@dataclass(frozen=True)
class PackageLock:
    """Normalised package name → exact version."""

    packages: dict[str, str]

    def to_text(self) -> str:
        return "".join(f"{name}=={version}\n" for name, version in sorted(self.packages.items()))


def read_lock(path: Path) -> PackageLock:
    """Read a lock file.

    Raises:
        InklingError: the file is missing, or a line is not `name==version`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(
            f"The lock file {path} can't be read: {error}.", "Name a file of name==version lines."
        ) from error
    packages = {}
    for number, line in enumerate(lines, start=1):
        content = line.split("#")[0].strip()
        if not content:
            continue
        match = _LINE.fullmatch(content)
        if match is None:
            raise InklingError(
                f"Line {number} of the lock file {path} is '{content}'.",
                "Write one name==version a line.",
            )
        packages[normalized_name(match["name"])] = match["version"]
    return PackageLock(packages)


def lock_environment() -> PackageLock:
    """The packages installed beside this interpreter, except Inkling itself and pip."""
    return PackageLock(
        {
            normalized_name(d.name): d.version.split("+")[0]
            for d in importlib.metadata.distributions()
            if d.name and normalized_name(d.name) not in _NOT_LOCKED
        }
    )
