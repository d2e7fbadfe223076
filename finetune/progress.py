"""How far a run is, in a small file, for a program that shows it (an editor's notification).

It holds one JSON object and is replaced whole: `part` (a key of PARTS), `percent` of the whole run,
which never falls, and in the end `installed`, the folder of the new model, if it won. The terminal
has bars of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

from inkling.atomic import write_json
from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

Part = Literal["curate", "plan", "train", "export", "prove", "audit"]
PARTS: dict[Part, int] = dict(zip(get_args(Part), (5, 10, 60, 5, 15, 5), strict=True))
"""Percent of a run that each part takes, about, with ten minutes of training."""


class ProgressFile:
    """Writes what it is told.

    Args:
        path: the file; None to write nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written: dict[str, Any] = {}

    def tell(self, part: Part, share: float = 0.0) -> None:
        """Say that `share` (0 to 1) of `part` is done, and all parts before it.

        Raises:
            InklingError: the file can't be written. Only the first time: a run that has begun goes
                on without it.
        """
        names = list(PARTS)
        before = sum(PARTS[name] for name in names[: names.index(part)])
        self._write({"part": part, "percent": before + int(PARTS[part] * min(1.0, share))})

    def finish(self, installed: Path) -> None:
        """Say that the new model has won and where it is."""
        self._write({"part": "audit", "percent": 100, "installed": str(installed)})

    def _write(self, state: dict[str, Any]) -> None:
        if self._path is None or state == self._written:
            return
        try:
            write_json(self._path, state)
        except OSError as error:
            if not self._written:
                raise InklingError(
                    f"The progress can't be written to {self._path}: {error.strerror or error}.",
                    "Choose another --progress-file.",
                ) from error
        self._written = state
