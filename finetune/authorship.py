"""Which commit wrote each line of a file, and when: what `git blame` says at a revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.git import run_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEADER = re.compile(rb"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")


@dataclass(frozen=True)
class LineOrigin:
    """The commit that a line comes from, and its time in seconds since 1970."""

    commit: str
    committed_at: int


def line_origins(checkout: Path, path: str) -> tuple[LineOrigin, ...]:
    """One entry for each line of the file at HEAD; empty if git doesn't know the file."""
    said = run_git(checkout, "blame", "--no-textconv", "--porcelain", "HEAD", "--", path)
    return tuple(_parse(said.encode("utf-8", "surrogateescape"))) if said is not None else ()


def _parse(porcelain: bytes) -> Iterator[LineOrigin]:
    """A commit's facts come with its first line only; its later lines just name it."""
    times: dict[str, int] = {}
    commit = ""
    for line in porcelain.split(b"\n"):
        if line.startswith(b"\t"):
            yield LineOrigin(commit, times.get(commit, 0))
        elif header := _HEADER.fullmatch(line):
            commit = header[1].decode()
        elif line.startswith(b"committer-time "):
            times[commit] = int(line.split()[1])
