"""`check`, `who` and `stats`: what an index says."""

from __future__ import annotations

import hashlib
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro  # noqa: TC002  # tyro reads the annotations

from attribution.commands import exit_status
from attribution.commands.models import corpus_of_model
from attribution.commands.places import index_folder
from attribution.findings import Report, Scope, is_quieter
from attribution.index import MANIFEST_NAME, open_index
from attribution.likely_language import likely_language
from attribution.matter import Tier
from attribution.query import check
from attribution.report import as_json, as_sarif, as_text
from attribution.repositories import list_repositories
from attribution.terminal import documents, printable
from attribution.verification import verified
from inkling.errors import InklingError
from inkling.languages import BY_NAME, detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGE = 200_000
"""Bytes of a text whose check may take so long that somebody wonders."""


@dataclass(frozen=True)
class Check:
    """Name the sources of a text.

    Exit status: 0 nothing as loud as --fail-on found, 1 something found, 2 the check could not be
    made, 3 nothing found but part of it could not be checked.
    """

    file: tyro.conf.Positional[str]
    """File to check; - reads standard input."""
    index: Path | None = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""
    language: str | None = None
    """Language of the text (default: by the file's name, else by what the index knows of it)."""
    model: str | None = None
    """Bundle of the model that wrote the text: says if the index belongs to another one."""
    fail_on: Literal["strong", "weak"] = "strong"
    """Quietest finding that makes the exit status 1. Weak ones are often code that anyone would
    write so: they are told, and by default don't stop anything."""
    format: Literal["text", "json", "sarif"] = "text"
    """How to print the report."""

    def run(self) -> int:
        if self.language is not None and self.language not in BY_NAME:
            raise InklingError(
                f"There is no language '{self.language}'.", f"Choose from: {', '.join(BY_NAME)}."
            )
        raw = _read(self.file)
        index = verified(open_index(index_folder(self.index)))
        scope = Scope(corpus=corpus_of_model(self.model))
        with _sign_of_life(len(raw)):
            language = self.language or _language(self.file, raw) or likely_language(index, raw)
            report = check(index, raw, language, scope)
        if self.format == "json":
            print(json.dumps({"file": self.file, **as_json(report)}, indent=2))
        elif self.format == "sarif":
            print(json.dumps(as_sarif(self.file, report), indent=2))
        else:
            print(as_text(self.file, report))
        return _status(report, Tier(self.fail_on))


@dataclass(frozen=True)
class Who:
    """Is a repository or its owner in the index? Exit status: 0 no, 1 yes."""

    name: tyro.conf.Positional[str]
    """Owner, repository or package, or a part of the name."""
    index: Path | None = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""

    def run(self) -> int:
        index = verified(open_index(index_folder(self.index)))
        found = [row for row in list_repositories(index) if row.is_called(self.name)]
        for row in found:
            licenses = ", ".join(name or "none known" for name in row.licenses)
            origins = f" ({', '.join(row.origins)})" if row.origins else ""
            size = f"{documents(row.documents)}, {row.bytes:,} bytes"
            print(printable(f"{row.repo}{origins}: {size}, {licenses}"))
        if not found:
            answer = f"No repository with '{self.name}' in its name or address is in the index."
            print(printable(answer))
        for damage in index.damaged:
            print(printable(f"not checked: {damage}"))
        return exit_status.FOUND if found else exit_status.UNCHECKED if index.damaged else 0


@dataclass(frozen=True)
class Stats:
    """Describe an index, after comparing the hashes of all its files."""

    index: tyro.conf.Positional[Path | None] = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""

    def run(self) -> int:
        folder = index_folder(self.index)
        index = open_index(folder, verify=True)
        manifest = index.manifest
        disk = sum(item.segment.manifest.disk for item in index.segments)
        text = sum(item.segment.manifest.bytes for item in index.segments)
        removed = sum(entry.removed for entry in manifest.segments)
        identity = hashlib.sha256((folder / MANIFEST_NAME).read_bytes()).hexdigest()
        print(f"index       {identity}")
        print(f"corpora     {' '.join(manifest.corpora)}")
        print(f"generation  {manifest.generation}")
        print(f"segments    {len(manifest.segments)}")
        print(f"documents   {manifest.documents:,}")
        print(f"removed     {removed:,} not yet compacted, {len(manifest.opted_out)} rules")
        print(printable(f"languages   {', '.join(sorted(index.languages))}"))
        print(f"text        {text / 1e6:,.1f} MB")
        beside = f" ({disk / text - 1:.2f} times the text beside it)" if text else ""
        print(f"on disk     {disk / 1e6:,.1f} MB{beside}")
        for damage in index.damaged:
            print(printable(f"damaged     {damage}"))
        return exit_status.UNCHECKED if index.damaged else 0


@contextmanager
def _sign_of_life(size: int) -> Iterator[None]:
    """Says on a terminal's standard error that a large text is being checked, while it is."""
    if size <= _LARGE or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"checking {size / 1e6:,.1f} MB"):
        yield


def _status(report: Report, fail_on: Tier) -> int:
    loud = any(not is_quieter(found.tier, fail_on) for found in report.findings)
    if loud or report.removed:
        return exit_status.FOUND
    return exit_status.UNCHECKED if report.unchecked else 0


def _language(name: str, raw: bytes) -> str | None:
    first_line = raw[:200].partition(b"\n")[0].decode(errors="replace")
    language = detect_language(name, first_line)
    return language.name if language else None


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InklingError(
            f"The file {name} can't be read: {error.strerror}.", "Name a readable file, or -."
        ) from error
