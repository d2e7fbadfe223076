"""The opt-out list: whose code must be in no corpus, no index and no model.

One text file, one entry a line; `#` starts a comment at the start of a line or after a space:

    owner  some-user                       every repository of an owner
    repo   some-user/project               a repository, or an installed package
    path   some-user/project:src/file.py   a file, or a folder with all below it
    sha256 9f86d081…                       a content, wherever it lies

Names are compared without regard to case, as hosts of repositories do; paths and hashes exactly.
A git checkout goes by the owner and name of its remote `origin`, and by its folder's name as well.
A repository may also be named by its address (`https://host/owner/name.git`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.atomic import write_text
from inkling.errors import InklingError
from inkling.origin import KNOWN_HOSTS, place_in_origin, repository_of
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

KINDS = ("owner", "repo", "path", "sha256")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMENT = re.compile(r"(?:^|\s)#")


@dataclass(frozen=True, order=True)
class OptOut:
    """One entry: a kind of `KINDS` and its value."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


def default_list() -> Path:
    """Where the list lies unless a path is given."""
    return home() / "opt-out.txt"


def parse_entry(text: str) -> OptOut:
    """An entry from `kind value`, or `kind:value` as a command line gives it.

    Raises:
        InklingError: the kind is unknown, or the value is not one of its kind.
    """
    match = re.fullmatch(r"\s*(\w+)(?:\s*:\s*|\s+)(\S.*?)\s*", text)
    # Whatever a list would read as two lines, or as a comment, must not get into one.
    if (
        match is None
        or match[1] not in KINDS
        or len(match[2].splitlines()) > 1
        or _COMMENT.search(match[2])
    ):
        raise InklingError(
            f"'{text.strip()}' is no opt-out entry.",
            "Write owner:NAME, repo:OWNER/NAME, path:REPO:PATH or sha256:HASH.",
        )
    kind, value = match[1], match[2]
    if kind == "sha256":
        value = value.lower()
        if _SHA256.fullmatch(value) is None:
            raise InklingError(f"'{value}' is no SHA-256.", "Give its 64 hexadecimal digits.")
    elif kind == "path":
        repo, colon, path = value.partition(":")
        if not (repo and colon and path) or path.startswith("//"):
            raise InklingError(
                f"'{value}' names no file of a repository.", "Write path:OWNER/NAME:PATH."
            )
        if "*" in path or "?" in path:
            raise InklingError(
                f"'{value}' has a wildcard, and entries are no patterns.",
                "Name each file, or a folder with all below it: path:OWNER/NAME:FOLDER/.",
            )
        value = f"{repo.lower()}:{path}"
    elif kind == "repo":
        value = _repository_name(value).lower()
    else:
        value = value.lower()
        if "/" in value:
            raise InklingError(f"'{value}' is no owner.", f"Write repo:{value}.")
    return OptOut(kind, value)


def _repository_name(text: str) -> str:
    """Owner and name, of an address too; neither its host nor a token in it is kept.

    Raises:
        InklingError: an address that names no repository.
    """
    known = text.lower().startswith(tuple(f"{host}/" for host in KNOWN_HOSTS))
    found = repository_of(f"https://{text}" if known else text)
    if found is None and (known or "://" in text):
        raise InklingError("The address names no repository.", "Write repo:OWNER/NAME.")
    return found.partition("/")[2] if found else text


@dataclass(frozen=True)
class OptOutList:
    """The entries, sorted and each once."""

    entries: tuple[OptOut, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_values", frozenset((e.kind, e.value) for e in self.entries))

    def match(self, repo: str, path: str, *hashes: str, origin: str | None = None) -> OptOut | None:
        """The entry that a document falls under, if any.

        Args:
            hashes: hex SHA-256 of its bytes, and of its curated text if that differs.
            origin: of the checkout that it comes from, as `inkling.origin` has it.
        """
        return next(self.matches(repo, path, *hashes, origin=origin), None)

    def matches(
        self, repo: str, path: str, *hashes: str, origin: str | None = None
    ) -> Iterator[OptOut]:
        """All entries that a document falls under; arguments as of `match`."""
        yield from self._matches(repo.lower(), path, *hashes)
        if origin is not None:
            name, place = place_in_origin(origin, path)
            yield from self._matches(name.partition("/")[2].lower(), place)
            yield from self._matches(name.lower(), place)

    def _matches(self, repo: str, path: str, *hashes: str) -> Iterator[OptOut]:
        candidates = [OptOut("repo", repo), OptOut("path", f"{repo}:{path}")]
        if "/" in repo:
            candidates.append(OptOut("owner", repo.split("/")[0]))
        candidates += [OptOut("sha256", digest) for digest in hashes]
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = f"{repo}:{'/'.join(parts[:depth])}"
            candidates += [OptOut("path", folder), OptOut("path", f"{folder}/")]
        values: frozenset[tuple[str, str]] = self._values  # type: ignore[attr-defined]
        yield from (c for c in candidates if (c.kind, c.value) in values)

    def plus(self, entries: Iterable[OptOut]) -> OptOutList:
        return OptOutList(tuple(sorted({*self.entries, *entries})))

    def to_text(self) -> str:
        return "".join(f"{entry}\n" for entry in self.entries)

    @property
    def sha256(self) -> str:
        """The list's identity, whatever comments or order its file has."""
        return hashlib.sha256(self.to_text().encode()).hexdigest()


def parse_list(text: str, name: str = "the opt-out list") -> OptOutList:
    """The list that `text` holds.

    Args:
        name: what an error calls it.

    Raises:
        InklingError: a line is no entry. A list with an error must not silently shrink.
    """
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = _COMMENT.split(line, maxsplit=1)[0].strip()
        if content:
            try:
                entries.append(parse_entry(content))
            except InklingError as error:
                raise InklingError(
                    f"Line {number} of {name}: {error.cause}", error.remedy
                ) from error
    return OptOutList().plus(entries)


def read_list(path: Path | None = None) -> OptOutList:
    """Read a list; the default one may be absent, which is an empty list.

    Raises:
        InklingError: a list that was named is absent, or it can't be read, or a line is no entry.
    """
    named = path is not None
    path = path or default_list()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if named:
            raise InklingError(
                f"There is no opt-out list at {path}.",
                "Make one with: python -m curation opt-out add ENTRY.",
            ) from None
        return OptOutList()
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(
            f"The opt-out list {path} can't be read: {error}.", "Correct or remove it."
        ) from error
    return parse_list(text, f"the opt-out list {path}")


def add_entries(entries: Iterable[OptOut], path: Path | None = None) -> list[OptOut]:
    """Append the entries that the list lacks, keeping its comments; returns those."""
    path = path or default_list()
    present = read_list(path) if path.exists() else OptOutList()
    new = sorted(set(entries) - set(present.entries))
    if new:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        if before and not before.endswith("\n"):
            before += "\n"
        write_text(path, before + OptOutList(tuple(new)).to_text())
    return new
