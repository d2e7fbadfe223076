"""Writes that are either whole or absent: temporary name, fsync, rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _temporary_sibling(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.tmp")


def _sync_file(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable (a no-op where folders can't be opened, as on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def atomic_file(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success it replaces `target`, else it goes.

    Args:
        durable: a loss of power can't take the new content back, which a disk needs time for.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_sibling(target)
    try:
        yield temporary
        if durable:
            _sync_file(temporary)
        temporary.replace(target)
        if durable:
            _sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `target`; on success it replaces the whole of `target`.

    Raises:
        InklingError: `target` is a file.
    """
    if target.exists() and not target.is_dir():
        raise InklingError(f"{target} is a file, not a folder.", "Name a folder.")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary_sibling(target)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for path in temporary.rglob("*"):
            if path.is_file() and not path.is_symlink():
                _sync_file(path)
        _swap_folder(temporary, target)
        _sync_folder(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap_folder(new: Path, target: Path) -> None:
    """Rename `new` to `target`; if that fails, what stood there comes back."""
    if not target.exists():
        new.rename(target)
        return
    previous = target.with_name(f".{target.name}.{os.getpid()}.old")
    shutil.rmtree(previous, ignore_errors=True)
    target.rename(previous)
    try:
        new.rename(target)
    except BaseException:
        previous.rename(target)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Make a folder, and a file in it for a moment: before long work, not at its end.

    Raises:
        InklingError: the place takes none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InklingError(
            f"Nothing can be written in {folder}: {error.strerror or error}.",
            "Choose a folder that you may write to, on a disk with space.",
        ) from error


def write_bytes(target: Path, data: bytes) -> None:
    """Replace `target` with `data`."""
    with atomic_file(target) as temporary:
        temporary.write_bytes(data)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text atomically, without newline translation."""
    with atomic_file(target) as temporary:
        temporary.write_bytes(text.encode())


def write_json(target: Path, value: Any) -> None:
    """Write indented JSON atomically."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sha256_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
