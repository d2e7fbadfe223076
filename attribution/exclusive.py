"""Who may change an index: one long change at a time, and one new manifest at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANGING, PUBLISHING = "changing.lock", "publishing.lock"
_PUBLISHING_SECONDS = 30


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Hold an index for a change that writes segments. Removals needn't wait for it.

    Raises:
        InklingError: another process is building, adding or compacting there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / CHANGING, timeout=0):
            yield
    except Timeout as error:
        raise InklingError(
            f"The index {folder} is being built, added to or compacted by another process.",
            "Wait until it is done, and run this again.",
        ) from error


@contextmanager
def publishing(folder: Path) -> Iterator[None]:
    """Hold the manifest of an index from reading it to writing the next one.

    Raises:
        InklingError: another process has held it for half a minute.
    """
    try:
        with FileLock(folder / PUBLISHING, timeout=_PUBLISHING_SECONDS):
            yield
    except Timeout as error:
        raise InklingError(
            f"The index {folder} is held by another process.", "End that one, or try again."
        ) from error
