"""Logging of the command-line tools and the server. The text of documents never enters a log."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Literal, Protocol

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Level = Literal["debug", "info", "warning", "error"]

_SHOWN_CHARACTERS = 60
_listener: ContextVar[object | None] = ContextVar("listener", default=None)


class TextSink(Protocol):
    """What lines of the log can be written to."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


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
    _prepare(handler, level)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)


@contextmanager
def also_to(stream: TextSink, level: str) -> Iterator[None]:
    """Meanwhile, log to `stream` as well what is at least as severe as `level`.

    Of several such streams each gets what its own tasks log; what a thread logs goes to all.
    """
    handler = logging.StreamHandler(stream)
    _prepare(handler, level)
    handler.addFilter(lambda _record: _listener.get() in {None, stream})
    mine = _listener.set(stream)
    logging.root.addHandler(handler)
    _let_through()
    try:
        yield
    finally:
        _listener.reset(mine)
        logging.root.removeHandler(handler)
        _let_through()


def _prepare(handler: logging.Handler, level: str) -> None:
    handler.addFilter(_ProtocolFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(level.upper())


def _let_through() -> None:
    """What no handler wants is dropped before it is put together."""
    logging.root.setLevel(min(handler.level for handler in logging.root.handlers))
