"""What the engine does while nobody asks: reads what was typed, moves the anchor, mends a shift.

It goes bit by bit. The new window is read in a sequence of its own: a request that comes in between
finds everything as it was, and what was read is still there at the next pause.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engine.session import Session
    from lsp_server.engine.window import Shown, Window

_FIRST_TOKENS, _LEAST_TOKENS, _MOST_TOKENS = 32, 8, 128
_SECONDS = 0.04
"""So long a step may take. One that is aborted is done again, so it must fit between two keys."""


class Idling:
    """The work that is left for a pause."""

    def __init__(self, session: Session, window: Window) -> None:
        self._session = session
        self._window = window
        self._target: Shown | None = None
        self._tokens = _FIRST_TOKENS

    def step(self, *, paused: bool) -> bool:
        """Do a little of it; whether there is more to do.

        Raises:
            lsp_server.engine.records.Cancelled: the session was told to stop.
        """
        typed = self._window.latest_ids()
        if typed is None:
            return False
        return not self._timed(self._session.advance, typed) or self._move(paused=paused)

    def _move(self, *, paused: bool) -> bool:
        """Read a little for the new window; whether there is more to read."""
        if self._session.spare is None:
            return False
        ids = self._window.ids_of(self._target) if self._target is not None else None
        if ids is None:
            self._target = self._next(paused=paused)
            if self._target is None:
                return False
            ids = self._window.ids_of(self._target) or list(self._target.ids)
        if not self._timed(self._session.make_ready, ids):
            return True
        self._session.swap()
        self._window.shown, self._target = self._target, None
        return False

    def _timed(self, read: Callable[[list[int], int], bool], ids: list[int]) -> bool:
        """Read as many tokens of `ids` as fit into the time of a step."""
        started = time.perf_counter()
        done = read(ids, self._tokens)
        seconds = max(time.perf_counter() - started, 1e-3)
        if not done:
            wanted = int(self._tokens * _SECONDS / seconds)
            self._tokens = max(_LEAST_TOKENS, min(_MOST_TOKENS, wanted))
        return done

    def _next(self, *, paused: bool) -> Shown | None:
        if (moved := self._window.next(paused=paused)) is not None:
            return moved
        return self._window.shown if paused and self._session.shifted else None
