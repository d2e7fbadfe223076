"""`python -m attribution`: build an index, check a text against it, or describe it."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from attribution.search import MIN_BYTES, find_sources
from attribution.segment import MANIFEST_NAME, open_segment
from inkling.errors import InklingError, run_command
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from attribution.search import Finding

EXIT_FOUND = 1


@dataclass(frozen=True)
class Build:
    """Index the training documents of a corpus.

    Takes about 9 bytes of memory for each byte of text (and 17 s of CPU for 100 MB), and writes
    about 1.5 bytes.
    """

    corpus: tyro.conf.Positional[Path]
    """Corpus folder, as 'python -m curation run' wrote it."""
    out: Path | None = None
    """Folder of the index (default: indexes/NAME under INKLING_HOME)."""

    def run(self) -> int:
        from rich.console import Console

        from attribution.build import build_index

        out = self.out or home() / "indexes" / self.corpus.resolve().name
        console = Console(stderr=True)
        with console.status("starting") as status:
            manifest = build_index(self.corpus, out, status.update)
        print(
            f"Wrote {manifest.documents:,} documents ({manifest.bytes / 1e6:,.1f} MB, "
            f"{manifest.word_starts:,} word starts) to {out}."
        )
        return 0


@dataclass(frozen=True)
class Check:
    """Name the sources of a text: the runs of it that the index holds word for word.

    Exit status: 0 nothing found, 1 something found, 2 the check could not be made.
    """

    file: tyro.conf.Positional[str]
    """File to check; - reads standard input."""
    index: Path
    """Folder of the index, as 'build' wrote it."""
    min_bytes: int = MIN_BYTES
    """Shortest run to report, in bytes."""
    json: bool = False
    """Print a JSON array, one object a run."""

    def run(self) -> int:
        if self.min_bytes < 1:
            raise InklingError(f"A run of {self.min_bytes} bytes is none.", "Ask for 1 or more.")
        raw = _read(self.file)
        findings = list(find_sources(open_segment(self.index), raw, self.min_bytes))
        if self.json:
            print(json.dumps([_as_json(finding) for finding in findings], indent=2))
        else:
            print(describe(self.file, findings))
        return EXIT_FOUND if findings else 0


@dataclass(frozen=True)
class Stats:
    """Describe an index, after comparing the hashes of all its files."""

    index: tyro.conf.Positional[Path]
    """Folder of the index."""

    def run(self) -> int:
        segment = open_segment(self.index, verify=True)
        manifest = segment.manifest
        disk = sum(file["bytes"] for file in manifest.files.values())
        identity = hashlib.sha256((self.index / MANIFEST_NAME).read_bytes()).hexdigest()
        print(f"index        {identity}")
        print(f"corpus       {manifest.corpus}")
        print(f"documents    {manifest.documents:,}")
        print(f"text         {manifest.bytes / 1e6:,.1f} MB")
        print(f"word starts  {manifest.word_starts:,}")
        print(f"on disk      {disk / 1e6:,.1f} MB ({disk / manifest.bytes:.2f} times the text)")
        return 0


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise InklingError(
            f"The file {name} can't be read: {error.strerror}.", "Name a readable file, or -."
        ) from error


def _as_json(finding: Finding) -> dict[str, Any]:
    value = asdict(finding)
    for source in value["sources"]:
        document = source.pop("document")
        document.pop("line_map")
        source |= document
    return value


def describe(name: str, findings: Sequence[Finding]) -> str:
    """The findings for a person: one line a run, one below it for each source."""
    if not findings:
        return f"{name}: nothing found."
    lines = []
    for found in findings:
        holders = "1 document" if found.holders == 1 else f"{found.holders:,} documents"
        lines.append(
            f"{name}:{found.first_line}-{found.last_line}: {found.bytes} bytes, also in {holders}"
        )
        for source in found.sources:
            document = source.document
            lines.append(
                f"    {document.repo} {document.revision or '(no revision)'}, {document.path}:"
                f"{source.first_line}-{source.last_line}, {document.license or 'no licence known'}"
            )
        if (left := found.holders - len(found.sources)) > 0:
            lines.append(f"    and {left:,} more")
    return "\n".join(lines)


Command = (
    Annotated[Build, tyro.conf.subcommand("build")]
    | Annotated[Check, tyro.conf.subcommand("check")]
    | Annotated[Stats, tyro.conf.subcommand("stats")]
)


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and run the command they name."""

    def command() -> int:
        parsed: Build | Check | Stats = tyro.cli(
            Command, args=arguments, prog="inkling attribution", description=__doc__
        )
        return parsed.run()

    return run_command(command)
