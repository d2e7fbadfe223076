"""Whose engine may compute: one at a time, and a request goes before what nobody waits for.

Engines of one process share the cores. Two that compute at once would wait for one another at every
barrier of every layer, so they take turns instead.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lsp_server.engine.records import Cancelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.backend import Stop

_LOOK_SECONDS = 0.005


class Turns:
    """The turns of some engines, each called from a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._busy = False
        self._idler: Stop | None = None
        self._requests = 0

    @contextmanager
    def request(self, stop: Stop) -> Iterator[None]:
        """A turn for which somebody waits; it ends the idle work of another engine.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set before the turn came.
        """
        with self._lock:
            self._requests += 1
            try:
                while self._busy:
                    if self._idler is not None:
                        self._idler.set()
                    self._lock.wait(_LOOK_SECONDS)
                    if stop.is_set():
                        raise Cancelled
                self._busy = True
            finally:
                self._requests -= 1
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def idle(self, stop: Stop) -> Iterator[bool]:
        """A turn for a little idle work, if there is one within some milliseconds; whether."""
        with self._lock:
            if self._busy or self._requests:
                self._lock.wait(_LOOK_SECONDS)
            mine = not self._busy and not self._requests
            if mine:
                self._busy, self._idler = True, stop
        try:
            yield mine
        finally:
            if mine:
                self._end()

    def _end(self) -> None:
        with self._lock:
            self._busy, self._idler = False, None
            self._lock.notify_all()
