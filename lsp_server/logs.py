"""Logging of the command-line tools and the server. The text of documents never enters a log."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Literal

from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

Level = Literal["debug", "info", "warning", "error"]

_SHOWN_CHARACTERS = 60


class _ProtocolFilter(logging.Filter):
    """What the protocol library logs: below warnings whole messages, so that is left out; in
    warnings the arguments may be documents, so they become the names of their types. Messages
    that can't be decoded are `transport`'s to report."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("pygls"):
            return True
        if record.msg.startswith("Unable to deserialize"):
            return False
        if isinstance(record.args, tuple):
            record.args = tuple(_harmless(item) for item in record.args)
        return record.levelno >= logging.WARNING


def _harmless(item: object) -> object:
    if isinstance(item, str):
        return item[:_SHOWN_CHARACTERS]
    return item if isinstance(item, int | float) else f"<{type(item).__name__}>"


def configure(level: Level, file: Path | None = None) -> None:
    """Log to `file`, or to standard error.

    Raises:
        InklingError: the file can't be written.
    """
    try:
        handler: logging.Handler = (
            logging.FileHandler(file, encoding="utf-8")
            if file is not None
            else logging.StreamHandler(sys.stderr)
        )
    except OSError as error:
        raise InklingError(
            f"The log file {file} can't be written: {error.strerror}.", "Name another one."
        ) from error
    handler.addFilter(_ProtocolFilter())
    logging.basicConfig(
        level=level.upper(),
        handlers=[handler],
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
