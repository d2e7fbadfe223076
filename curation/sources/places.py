"""Places of data: local files and folders, and addresses that fsspec reads (`s3://…`, `hf://…`).

An address is opened only because it was named. One that is no file is taken for a folder, so
`hf://datasets/OWNER/NAME` means all data files of that dataset on the Hub.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs"}
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")
SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".json", ".json.gz")


def files_at(place: str, what: str, remedy: str) -> list[str]:
    """The data files at a place, in order of their names.

    Args:
        what: what is looked for, such as `dataset`; for the error.

    Raises:
        InklingError: there is none, or the place can't be reached.
    """
    found = _remote(place, what, remedy) if "://" in place else _local(place)
    if not found:
        if _HUB_ID.fullmatch(place):
            remedy = f"If it is one on the hub, write hf://datasets/{place}; else check the path."
        raise InklingError(f"There is no {what} at {place}.", remedy)
    return found


@contextmanager
def opened(name: str, what: str, remedy: str, compression: str | None = None) -> Iterator[Any]:
    """A file of `files_at`, open for reading bytes.

    Raises:
        InklingError: it can't be read.
    """
    fsspec = _fsspec_for(name)
    with in_words(name, what, remedy), fsspec.open(name, "rb", compression=compression) as handle:
        yield handle


@contextmanager
def in_words(name: str, what: str, remedy: str) -> Iterator[None]:
    """Turn whatever reading a place raises into a sentence.

    The file systems behind fsspec raise errors of their own clients, which have no common base.
    """
    try:
        yield
    except (InklingError, GeneratorExit):
        raise
    except Exception as error:
        cause = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise InklingError(f"The {what} {name} can't be read: {cause}.", remedy) from error


def _fsspec_for(place: str) -> Any:
    """fsspec, once the package is there that opens addresses of this kind.

    Raises:
        InklingError: it isn't installed.
    """
    package = _PACKAGES.get(place.partition("://")[0])
    if package is not None:
        require(package, "remote")
    return require("fsspec", "train")


def _local(place: str) -> list[str]:
    path = Path(place).expanduser()
    if path.is_dir():
        return sorted(str(p) for p in path.rglob("*") if p.name.endswith(SUFFIXES))
    return [str(path)] if path.is_file() else []


def _remote(place: str, what: str, remedy: str) -> list[str]:
    if place.endswith(SUFFIXES) or "?" in place:
        return [place]
    fsspec = _fsspec_for(place)
    with in_words(place, what, remedy):
        files, path = fsspec.core.url_to_fs(place)
        if files.isfile(path):
            return [place]
        names = files.find(path)
        return sorted(files.unstrip_protocol(n) for n in names if n.endswith(SUFFIXES))
