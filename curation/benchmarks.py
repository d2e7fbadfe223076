"""Benchmarks as files: the texts that a model must not have seen before it is measured.

A benchmark is a JSON-lines, JSON or Parquet file (gzip allowed) or a folder of such, in whatever
columns it has: every text counts, and so do texts inside lists. A place such as
`hf://datasets/owner/name/file.parquet` or `s3://…` is read through fsspec, but only if it is named.
"""

from __future__ import annotations

import gzip
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIXES = (".jsonl", ".json", ".parquet", ".jsonl.gz", ".json.gz")
_IDS = ("task_id", "id", "problem_id", "name", "qid")
_NOT_CONTENT = frozenset(
    {*_IDS, "entry_point", "language", "difficulty", "url", "source", "license"}
)
# HumanEval-Infilling has hundreds of holes in one problem; they are one task here.
_PROBLEM = re.compile(r"[A-Za-z]+/\d+")


@dataclass(frozen=True)
class BenchmarkText:
    """One text of one task; `name` is the problem's, or the file's and the task's."""

    name: str
    field: str
    text: str


def read_benchmark(place: str) -> list[BenchmarkText]:
    """All texts of a benchmark.

    Raises:
        InklingError: it isn't there, can't be read, or holds no text.
    """
    texts = [
        text
        for name, raw in _files(place)
        for number, row in enumerate(_rows(name, raw))
        for text in _texts(name, number, row)
    ]
    if not texts:
        raise InklingError(
            f"The benchmark {place} holds no text.", "Name a JSON-lines, JSON or Parquet file."
        )
    return texts


def _files(place: str) -> Iterator[tuple[str, bytes]]:
    if "://" in place:
        yield place.rpartition("/")[2], _read_remote(place)
        return
    path = Path(place).expanduser()
    names = (
        sorted(p for p in path.iterdir() if p.name.endswith(_SUFFIXES)) if path.is_dir() else [path]
    )
    for name in names:
        try:
            yield name.name, name.read_bytes()
        except OSError as error:
            raise InklingError(
                f"The benchmark {name} can't be read: {error.strerror}.",
                "Name a JSON-lines, JSON or Parquet file.",
            ) from error


def _read_remote(place: str) -> bytes:
    fsspec = require("fsspec", "train")
    try:
        with fsspec.open(place, "rb") as handle:
            content: bytes = handle.read()
            return content
    except (OSError, ValueError, ImportError) as error:
        cause = str(error).partition("\n")[0].rstrip(".")
        raise InklingError(
            f"The benchmark {place} can't be read: {cause}.",
            "Check the address and the connection, or name a local file.",
        ) from error


def _rows(name: str, raw: bytes) -> Iterator[Any]:
    try:
        if name.endswith(".gz"):
            raw, name = gzip.decompress(raw), name.removesuffix(".gz")
        if name.endswith(".parquet"):
            parquet = require("pyarrow.parquet", "train")
            yield from parquet.read_table(io.BytesIO(raw)).to_pylist()
        elif name.endswith(".json"):
            value = json.loads(raw)
            yield from value if isinstance(value, list) else [value]
        else:
            yield from (json.loads(line) for line in raw.splitlines() if line.strip())
    except (ValueError, OSError, EOFError) as error:  # Arrow's errors are ValueErrors or OSErrors
        cause = str(error).partition("\n")[0].rstrip(".")
        raise InklingError(
            f"The benchmark file {name} is damaged: {cause}.", "Fetch it again."
        ) from error


def _texts(file: str, number: int, row: Any) -> Iterator[BenchmarkText]:
    named = row if isinstance(row, dict) else {"text": row}
    task = next((str(named[key]) for key in _IDS if key in named), f"row {number}")
    problem = _PROBLEM.search(task)
    for field, value in named.items():
        if field not in _NOT_CONTENT:
            for text in _strings(value):
                yield BenchmarkText(problem[0] if problem else f"{file} {task}", field, text)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
