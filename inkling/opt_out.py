"""The opt-out list: owners, repositories, paths and contents that must not be used.

A text file with one rule a line; `#` begins a comment:

    owner someone                     every repository "someone/..."
    repo someone/project              a repository, or an installed package by its name
    path someone/project src/a.py     a file or a folder of a repository
    sha256 9f86d081884c7d65...        a file, by its original bytes or its curated text

Owners and repositories are compared without regard to case.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{64}")
_REMEDY = (
    "Write 'owner NAME', 'repo NAME', 'path REPO PATH' or 'sha256 HASH' (64 hexadecimal digits)."
)


@dataclass(frozen=True, order=True)
class Rule:
    """One line of the list: `kind` is owner, repo, path or sha256."""

    kind: str
    name: str
    path: str = ""

    @classmethod
    def parse(cls, line: str) -> Rule:
        """Read one rule.

        Raises:
            InklingError: the line is no rule.
        """
        kind, _, rest = line.strip().partition(" ")
        name, _, path = rest.strip().partition(" ")
        path = path.strip().strip("/")
        sound = bool(name) and bool(path) == (kind == "path")
        if kind == "sha256":
            name = name.lower()
            sound = sound and bool(_HASH.fullmatch(name))
        elif kind in ("owner", "repo", "path"):
            name = name.lower()
        else:
            sound = False
        if not sound:
            raise InklingError(f"The opt-out rule {line.strip()!r} can't be read.", _REMEDY)
        return cls(kind, name, path)

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.path}".rstrip()

    def covers(self, repo: str, path: str, hashes: Iterable[str] = ()) -> bool:
        """Whether the rule is about the file `path` of `repo` with these SHA-256 hashes."""
        repo = repo.lower()
        if self.kind == "owner":
            return "/" in repo and repo.partition("/")[0] == self.name
        if self.kind == "repo":
            return repo == self.name
        if self.kind == "path":
            return repo == self.name and (path == self.path or path.startswith(f"{self.path}/"))
        return self.name in hashes


@dataclass(frozen=True)
class OptOut:
    """A list of rules."""

    rules: tuple[Rule, ...]

    def covers(self, repo: str, path: str, hashes: Iterable[str] = ()) -> bool:
        """Whether some rule is about this file."""
        hashes = tuple(hashes)
        return any(rule.covers(repo, path, hashes) for rule in self.rules)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(sorted({str(rule) for rule in self.rules}))

    @property
    def key(self) -> str:
        """A short hash of the rules, to notice that they have changed."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()[:16]


def parse_opt_out(text: str) -> OptOut:
    """Read a list.

    Raises:
        InklingError: a line is no rule.
    """
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return OptOut(tuple(Rule.parse(line) for line in lines if line))


def read_opt_out(path: Path) -> OptOut:
    """Read the list in a file.

    Raises:
        InklingError: the file can't be read, or a line is no rule.
    """
    try:
        return parse_opt_out(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(
            f"The opt-out list {path} can't be read: {error}.", "Name a readable text file."
        ) from error
