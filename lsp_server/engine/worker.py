"""The model thread: it alone touches the engine. Others submit requests and may cancel them.

First come, first served; which requests are still wanted is the caller's to decide.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from lsp_server.engine.records import Cancelled, Completion

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.backend import Backend
    from lsp_server.engine.records import CompletionRequest

_CLOSE_SECONDS = 5.0


def _our_own_future() -> Future[Any]:
    """A future that only its owner settles: marked as running, it can't be cancelled from outside,
    as asyncio would do when the coroutine that waits for it is cancelled."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class Ticket:
    """A submitted request: its `future`, and the way to cancel it at any time."""

    def __init__(self, worker: Worker, request: CompletionRequest) -> None:
        self.request = request
        self.future: Future[Completion] = _our_own_future()
        self.cancelled = False
        self._worker = worker

    def cancel(self) -> None:
        """End this request, even in the midst of a computation; its future raises `Cancelled`.

        After the answer this does nothing. Any thread may call it.
        """
        self._worker.cancel(self)


class Worker:
    """A thread that opens an engine and answers requests until `close`.

    Attributes:
        ready: resolves to the engine once it is loaded, or raises what went wrong.
    """

    def __init__(self, open_engine: Callable[[], Backend]) -> None:
        self.ready: Future[Backend] = _our_own_future()
        self._open_engine = open_engine
        self._queue: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: Ticket | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="inkling-model", daemon=True)
        self._thread.start()

    def submit(self, request: CompletionRequest) -> Ticket:
        """Queue a request. After a failed load its future raises the load's error."""
        ticket = Ticket(self, request)
        with self._lock:
            if self._closing:
                ticket.future.set_exception(Cancelled())
            else:
                self._queue.put(ticket)
        return ticket

    def cancel(self, ticket: Ticket) -> None:
        with self._lock:
            ticket.cancelled = True
            if self._running is ticket:
                self.ready.result().stop.set()

    def close(self) -> None:
        """Cancel what is queued or running, free the model, and wait for the thread to end.

        A load in progress can't be interrupted; it is waited for some seconds only.
        """
        with self._lock:
            self._closing = True
            if self._running is not None:
                self._running.cancelled = True
                self.ready.result().stop.set()
            self._queue.put(None)
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            engine = self._open_engine()
        except BaseException as error:
            self.ready.set_exception(error)
            self._refuse_all(error)
            return
        self.ready.set_result(engine)
        while (ticket := self._queue.get()) is not None:
            self._answer(engine, ticket)
        engine.close()

    def _answer(self, engine: Backend, ticket: Ticket) -> None:
        with self._lock:
            if ticket.cancelled or self._closing:
                ticket.future.set_exception(Cancelled())
                return
            engine.stop.clear()
            self._running = ticket
        try:
            completion = engine.complete(ticket.request)
        except BaseException as error:
            self._finish()
            ticket.future.set_exception(error)
        else:
            self._finish()
            ticket.future.set_result(completion)

    def _finish(self) -> None:
        with self._lock:
            self._running = None

    def _refuse_all(self, error: BaseException) -> None:
        while (ticket := self._queue.get()) is not None:
            ticket.future.set_exception(error)
