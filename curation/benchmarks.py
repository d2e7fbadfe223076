"""Benchmarks as files: the texts that a model must not have seen before it is measured.

A benchmark is a JSON-lines, JSON or Parquet file (gzip allowed) or a folder of such, in whatever
columns it has: every text counts, and so do texts inside lists and inside JSON that stands in a
text (as in APPS). A place may be an address, such as `hf://datasets/OWNER/NAME` (`sources/places`).
"""

from __future__ import annotations

import gzip
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.sources.places import files_at, opened
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator

_REMEDY = "Name a JSON-lines, JSON or Parquet file, or check the address and the connection."
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
    for name in files_at(place, "benchmark", _REMEDY):
        with opened(name, "benchmark", _REMEDY) as handle:
            yield name.rpartition("/")[2], handle.read()


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
            yield from _lines(name, raw)
    except (ValueError, OSError, EOFError) as error:  # Arrow's errors are ValueErrors or OSErrors
        cause = str(error).partition("\n")[0].rstrip(".")
        raise InklingError(
            f"The benchmark file {name} is damaged: {cause}.", "Fetch it again."
        ) from error


def _lines(name: str, raw: bytes) -> Iterator[Any]:
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                what = getattr(error, "msg", "it isn't UTF-8 text")
                raise InklingError(
                    f"Line {number} of the benchmark file {name} isn't valid JSON: {what}.",
                    "Mend that line or fetch the file again.",
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
        inner = _json_inside(value)
        if inner is None:
            yield value
        else:
            yield from _strings(inner)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _json_inside(value: str) -> Any:
    """The list or object that a text spells in JSON, as APPS has its solutions; else None."""
    if value[:1] not in ("[", "{"):
        return None
    try:
        inner = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return inner if isinstance(inner, list | dict) else None
