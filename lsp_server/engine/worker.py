"""The model thread: it alone touches the engine. Others submit requests and may cancel them.

First come, first served; which requests are still wanted is the caller's to decide. While nobody
asks, the engine may do what the next request would otherwise wait for; a request ends that at once.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from lsp_server.engine.records import Cancelled, Completion
from lsp_server.engine.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.backend import Backend
    from lsp_server.engine.records import CompletionRequest

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 5.0
PAUSE_SECONDS = 0.4
"""Without a request for so long, typing has paused."""


class _Wake:
    """Put into the queue, it ends a wait without being a request."""


_WAKE: Final = _Wake()


@dataclass(frozen=True)
class _Job:
    """Something to be done on the model thread, between two requests."""

    work: Callable[[Backend], Any]
    future: Future[Any]

    def run(self, engine: Backend) -> None:
        try:
            result = self.work(engine)
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


def _our_own_future() -> Future[Any]:
    """A future that only its owner settles: marked as running, it can't be cancelled from outside,
    as asyncio would do when the coroutine that waits for it is cancelled."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class Ticket:
    """A submitted request: its `future`, and the way to cancel it at any time.

    Attributes:
        partial: bytes of the answer so far; any thread may look.
    """

    def __init__(self, worker: Worker, request: CompletionRequest) -> None:
        self.request = request
        self.future: Future[Completion] = _our_own_future()
        self.cancelled = False
        self.partial = b""
        self._worker = worker

    def progress(self, data: bytes) -> None:
        self.partial = data

    def cancel(self) -> None:
        """End this request, even in the midst of a computation; its future raises `Cancelled`.

        After the answer this does nothing. Any thread may call it.
        """
        self._worker.cancel(self)


def _as_prepared(completion: Completion) -> Completion:
    """An answer that was there before the question: nothing had to be read or generated for it."""
    return replace(
        completion,
        reused_tokens=completion.prompt_tokens,
        prefill_ms=0.0,
        decode_ms=0.0,
        prepared=True,
    )


class Worker:
    """A thread that opens an engine and answers requests until `close`.

    Args:
        turns: shared with the other workers of this process, if there are any.

    Attributes:
        ready: resolves to the engine once it is loaded, or raises what went wrong.
    """

    def __init__(self, open_engine: Callable[[], Backend], turns: Turns | None = None) -> None:
        self.ready: Future[Backend] = _our_own_future()
        self._turns = turns or Turns()
        self._open_engine = open_engine
        self._queue: queue.SimpleQueue[Ticket | _Job | _Wake | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: Ticket | None = None
        self._idling = False
        self._wanted_next: CompletionRequest | None = None
        self._preparing: CompletionRequest | None = None
        self._prepared: tuple[CompletionRequest, Completion] | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="inkling-model", daemon=True)
        self._thread.start()

    @property
    def loaded(self) -> Backend | None:
        """The engine; None while it is loaded, and if it couldn't be."""
        is_loaded = self.ready.done() and self.ready.exception() is None
        return self.ready.result() if is_loaded else None

    def submit(self, request: CompletionRequest) -> Ticket:
        """Queue a request. After a failed load its future raises the load's error."""
        ticket = Ticket(self, request)
        with self._lock:
            prepared, self._prepared, self._wanted_next = self._prepared, None, None
            if self._closing:
                ticket.future.set_exception(Cancelled())
            elif prepared is not None and prepared[0] == request:
                ticket.future.set_result(_as_prepared(prepared[1]))
            else:
                self._queue.put(ticket)
                self._interrupt()
        return ticket

    def do(self, work: Callable[[Backend], Any]) -> Future[Any]:
        """Let the model thread call `work` with the engine, after the requests before it."""
        job = _Job(work, _our_own_future())
        with self._lock:
            self._prepared = self._wanted_next = None
            if self._closing:
                job.future.set_exception(Cancelled())
            else:
                self._queue.put(job)
                self._interrupt()
        return job.future

    def expect(self, request: CompletionRequest) -> None:
        """Read the prompt of this request when nobody asks: the like may be submitted soon."""
        self.do(lambda engine: engine.expect(request))

    def prepare(self, request: CompletionRequest) -> None:
        """Answer this request when nobody asks, since it may be submitted soon."""
        with self._lock:
            self._wanted_next = request
            if self._running is None and not self._closing:
                self._queue.put(_WAKE)

    def forget_prepared(self) -> None:
        """Another answer may follow by now than the one that is, or will be, prepared."""
        with self._lock:
            self._prepared = self._wanted_next = self._preparing = None

    def _interrupt(self) -> None:
        """End what is done while nobody asks. Called with the lock held."""
        if self._idling:
            self.ready.result().stop.set()

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
            self._interrupt()
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
        while (ticket := self._next_ticket(engine)) is not None:
            self._answer(engine, ticket)
        engine.close()

    def _next_ticket(self, engine: Backend) -> Ticket | None:
        """Wait for a ticket, and let the engine do what is left for a pause; None at the end."""
        answered = time.monotonic()
        while True:
            paused = time.monotonic() - answered >= PAUSE_SECONDS
            if self._idle(engine, paused):
                wait: float | None = 0.0
            else:
                wait = None if paused else answered + PAUSE_SECONDS - time.monotonic()
            try:
                ticket = self._queue.get(timeout=None if wait is None else max(0.0, wait))
            except queue.Empty:
                continue
            if isinstance(ticket, _Job):
                ticket.run(engine)
            elif not isinstance(ticket, _Wake):
                return ticket

    def _idle(self, engine: Backend, paused: bool) -> bool:
        """Do a little that nobody waits for; whether there is more to do."""
        with self._lock:
            if self._closing or not self._queue.empty():
                return True
            engine.stop.clear()
            self._idling = True
        try:
            with self._turns.idle(engine.stop) as mine:
                return not mine or self._work_ahead(engine, paused)
        except Cancelled:
            pass
        except Exception:
            logger.exception("the work between two requests failed")
            return False
        finally:
            with self._lock:
                self._idling = False
        return True

    def _work_ahead(self, engine: Backend, paused: bool) -> bool:
        with self._lock:
            self._preparing = wanted = self._wanted_next
            self._wanted_next = None
        if wanted is None:
            return engine.idle(paused=paused)
        completion = engine.complete(wanted)
        with self._lock:
            if self._preparing is wanted:
                self._prepared = wanted, completion
        return True

    def _answer(self, engine: Backend, ticket: Ticket) -> None:
        with self._lock:
            if ticket.cancelled or self._closing:
                ticket.future.set_exception(Cancelled())
                return
            engine.stop.clear()
            self._running = ticket
        try:
            with self._turns.request(engine.stop):
                completion = engine.complete(ticket.request, ticket.progress)
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
            if not isinstance(ticket, _Wake):
                ticket.future.set_exception(error)
