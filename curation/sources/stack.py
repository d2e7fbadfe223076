"""Source "stack": Parquet or JSON lines in the column layout of The Stack, v1 or v2.

A place is a local file or folder, or an address (`sources/places.py`). A row is a file, or a
repository with its `files`, as in v2's training sets. The release of v2 holds no contents, only
ids: it needs a `content` column first.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from curation.sources.moments import seconds_of
from curation.sources.places import files_at, opened
from inkling.errors import InklingError, require
from inkling.license_text import UNRECOGNIZED
from inkling.licenses import from_description

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from curation.sources.source_file import SourceFile
    from curation.sources.spool import Spool

_NO_LICENSE = "no_license"
_MOST_STARS = 2**62
_COLUMNS = {
    "content": ("content", "text"),
    "repo": ("max_stars_repo_name", "repo_name", "repository_name", "repo"),
    "path": ("max_stars_repo_path", "path"),
    "revision": ("max_stars_repo_head_hexsha", "revision_id", "revision"),
    "licenses": ("max_stars_repo_licenses", "detected_licenses", "licenses", "license"),
    "license_type": ("license_type",),
    "stars": ("max_stars_count", "star_events_count", "stars"),
    "committed": ("committer_date", "revision_date"),
}
_CONTENT = _COLUMNS["content"]
_FILES = "files"
_FILES_AT_ONCE, _REPOSITORIES_AT_ONCE = 256, 16
_REMEDY = "Name Parquet or JSON-lines files in The Stack's layout, or check the address."


def list_stack(place: str, spool: Spool) -> Iterator[SourceFile]:
    """Every document of a dataset; rows and local files that are none are listed as refused.

    Raises:
        InklingError: there is nothing at `place`, it can't be read, or it holds no document.
    """
    names = files_at(place, "dataset", _REMEDY)
    documents = 0
    problem = "it has no rows"
    for name in names:
        short = name.rpartition("/")[2]
        try:
            for place_in, row in _files_in(_rows(name)):
                file = _listed(row, short, place_in, spool)
                documents += file.flaw is None
                problem = problem if file.flaw is None else f"{place_in}: {file.flaw[1]}"
                yield file
        except InklingError as error:
            # What the net refuses now it may give later, so a part isn't left out for that.
            if "://" in place or len(names) == 1:
                raise
            problem = str(error.cause)
            yield spool.refuse(short, "all rows", "damaged", problem)
    if not documents:
        raise InklingError(f"There is no document in the dataset {place}: {problem}.", _REMEDY)


def _files_in(
    rows: Iterable[dict[str, Any] | str],
) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Each file's place (`row 3`, `row 3, file 2`) and row; a repository's columns hold for all."""
    for number, row in enumerate(rows, start=1):
        files = row.get(_FILES) if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(files, list) or _first(row, _CONTENT):
            yield f"row {number}", row
            continue
        for place, file in enumerate(files, start=1):
            known = {key: value for key, value in row.items() if key != _FILES}
            if isinstance(file, dict):
                known |= {key: value for key, value in file.items() if value is not None}
            yield f"row {number}, file {place}", known
        if not files:
            yield f"row {number}", "no files"


def _listed(row: dict[str, Any] | str, name: str, place: str, spool: Spool) -> SourceFile:
    """The document of a row (of a text: why it is none), or what it lacks."""
    if isinstance(row, str):
        return spool.refuse(name, place, "no_row", row)
    values = {key: _first(row, columns) for key, columns in _COLUMNS.items()}
    lacking = [key for key in ("content", "repo", "path") if not isinstance(values[key], str)]
    if lacking:
        return spool.refuse(name, place, "no_row", f"no {' and no '.join(lacking)}")
    return spool.add(
        values["content"],
        values["repo"],
        values["path"].lstrip("/"),
        revision=values["revision"] if isinstance(values["revision"], str) else None,
        # What the dataset takes for no licence, whatever was detected around, isn't one here.
        license=None if values["license_type"] == _NO_LICENSE else licenses_of(values["licenses"]),
        license_source="dataset",
        committed_at=seconds_of(values["committed"]),
        stars=_count(values["stars"]),
    )


def licenses_of(value: Any) -> str | None:
    """The SPDX expression for a row's licences, which hold together as The Stack v2 has it."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        return None
    return " AND ".join(dict.fromkeys(from_description(str(n)) or UNRECOGNIZED for n in names))


def _count(value: Any) -> int | None:
    """A number of stars; None for what can't be one (absent, endless, beyond 64 bits)."""
    if isinstance(value, int | float) and 0 <= value < _MOST_STARS:
        return int(value)
    return None


def _first(row: dict[str, Any], columns: tuple[str, ...]) -> Any:
    return next((row[column] for column in columns if row.get(column) is not None), None)


def _rows(name: str) -> Iterator[dict[str, Any] | str]:
    """The rows of a file; for a line that is none a text that says why."""
    compression = "gzip" if name.endswith(".gz") else None
    with opened(name, "dataset", _REMEDY, compression) as handle:
        if ".parquet" in name:
            yield from _parquet_rows(name, handle)
        else:
            for line in io.TextIOWrapper(handle, encoding="utf-8", errors="replace"):
                if line.strip():
                    yield _json_row(line)


def _json_row(line: str) -> dict[str, Any] | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"no JSON: {error}"
    return row if isinstance(row, dict) else "no JSON object"


def _parquet_rows(name: str, handle: Any) -> Iterator[dict[str, Any]]:
    parquet = require("pyarrow.parquet", "train")
    file = parquet.ParquetFile(handle)
    wanted = {column for columns in _COLUMNS.values() for column in columns}
    columns = [column for column in file.schema_arrow.names if column in {*wanted, _FILES}]
    if not {*columns, *_columns_of_files(file.schema_arrow)} & set(_CONTENT):
        raise InklingError(
            f"The dataset {name} has no column of contents.",
            "Name a dataset with a 'content' column; The Stack v2 as released holds ids only.",
        )
    rows = _REPOSITORIES_AT_ONCE if _FILES in columns else _FILES_AT_ONCE
    for batch in file.iter_batches(batch_size=rows, columns=columns):
        yield from batch.to_pylist()


def _columns_of_files(schema: Any) -> list[str]:
    """What a repository's row tells of each of its files."""
    field = schema.field(_FILES).type if _FILES in schema.names else None
    fields = getattr(getattr(field, "value_type", None), "fields", [])
    return [inner.name for inner in fields]
