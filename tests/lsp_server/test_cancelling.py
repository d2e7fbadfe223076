"""An abort, wherever it strikes, leaves the context usable and its book-keeping true."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import llama_cpp
import pytest

from lsp_server.engine.engine import Engine
from lsp_server.engine.native import StopFlag
from lsp_server.engine.records import Cancelled
from lsp_server.engine.worker import Worker
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inkling.bundle import Bundle

TEXT = SOURCE * 3


class Countdown(StopFlag):
    """Sets itself at the n-th time llama.cpp asks: an abort at an exact place, every time."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.asked = 0
        super().__init__()

    def _poll(self) -> Any:
        return llama_cpp.ggml_abort_callback(self._ask)

    def _ask(self, _data: object) -> bool:
        self.asked += 1
        if self.left is not None and self.asked >= self.left:
            self.set()
        return self.is_set()

    def arm(self, left: int | None) -> None:
        self.clear()
        self.left, self.asked = left, 0


@pytest.fixture(scope="module")
def counted(bundle: Bundle) -> Iterator[tuple[Engine, Countdown]]:
    flag = Countdown()
    with Engine(bundle, ONE_THREAD, stop=flag) as engine:
        yield engine, flag


def test_an_abort_is_no_error_in_the_log(
    counted: tuple[Engine, Countdown], caplog: pytest.LogCaptureFixture
) -> None:
    engine, flag = counted
    engine.forget()
    flag.arm(5)
    with caplog.at_level("INFO"), pytest.raises(Cancelled):
        engine.complete(request_at(300, TEXT))
    flag.arm(None)
    assert caplog.messages == []


def test_llama_cpp_polls_the_flag_in_prefill_and_in_decode(
    counted: tuple[Engine, Countdown],
) -> None:
    engine, flag = counted
    engine.session.clear()
    flag.arm(None)
    engine.complete(request_at(700, TEXT, tokens=1))
    prefill = flag.asked
    engine.session.clear()
    flag.arm(None)
    engine.complete(request_at(700, TEXT, tokens=8))
    assert 0 < prefill < flag.asked


def test_after_an_abort_anywhere_the_next_answer_is_right(
    counted: tuple[Engine, Countdown],
) -> None:
    engine, flag = counted
    engine.session.clear()
    flag.arm(None)
    expected = engine.complete(request_at(700, TEXT))
    polls = flag.asked
    generator = random.Random(0)
    aborted = 0
    for place in [1, 2, polls - 1, *generator.sample(range(1, polls), 24)]:
        engine.session.clear()
        flag.arm(place)
        with pytest.raises(Cancelled):
            engine.complete(request_at(700, TEXT))
        aborted += 1
        kept = engine.session.tokens
        memory = llama_cpp.llama_memory_seq_pos_max(engine.session._memory, 0)
        assert memory == len(kept) - 1
        flag.arm(None)
        again = engine.complete(request_at(700, TEXT))
        assert again.reused_tokens <= len(kept)
        assert_same_answer(again, expected)
    assert aborted == 27


def test_finished_batches_survive_an_abort(counted: tuple[Engine, Countdown]) -> None:
    engine, flag = counted
    engine.session.clear()
    flag.arm(None)
    engine.complete(request_at(700, TEXT, tokens=1))
    flag.arm(flag.asked * 3 // 4)
    engine.session.clear()
    with pytest.raises(Cancelled):
        engine.complete(request_at(700, TEXT))
    assert len(engine.session.tokens) >= ONE_THREAD.batch_tokens
    flag.arm(None)
    assert engine.complete(request_at(700, TEXT)).reused_tokens >= ONE_THREAD.batch_tokens


def test_the_flag_stops_a_computation_without_python(engine: Engine) -> None:
    engine.stop.set()
    with pytest.raises(Cancelled):
        engine.complete(request_at(100))
    assert engine.stop.callback(engine.stop.callback_data)
    engine.stop.clear()
    assert not engine.stop.callback(engine.stop.callback_data)
    assert engine.complete(request_at(100)).prompt_tokens > 0


@pytest.fixture
def worker(bundle: Bundle) -> Iterator[Worker]:
    worker = Worker(lambda: Engine(bundle, ONE_THREAD))
    yield worker
    worker.close()


def test_a_worker_answers(worker: Worker, engine: Engine) -> None:
    answer = worker.submit(request_at(300)).future.result(60)
    assert_same_answer(answer, engine.complete(request_at(300)))


def test_cancelled_requests_raise_and_others_are_answered(worker: Worker) -> None:
    worker.ready.result(60)
    tickets = [worker.submit(request_at(cursor, TEXT, tokens=40)) for cursor in range(300, 900, 60)]
    for ticket in tickets[:-1]:
        ticket.cancel()
    answer = tickets[-1].future.result(60)
    assert answer.tokens
    unfinished = [ticket for ticket in tickets[:-1] if ticket.future.exception(60)]
    # The first may have been answered before its cancellation; those behind it can't have been.
    assert len(unfinished) >= len(tickets) - 2
    for ticket in unfinished:
        with pytest.raises(Cancelled):
            ticket.future.result()


def test_cancelling_after_the_answer_does_no_harm(worker: Worker) -> None:
    ticket = worker.submit(request_at(300))
    ticket.future.result(60)
    ticket.cancel()
    assert worker.submit(request_at(301)).future.result(60).prompt_tokens > 0


def test_closing_cancels_what_is_queued(bundle: Bundle) -> None:
    worker = Worker(lambda: Engine(bundle, ONE_THREAD))
    tickets = [worker.submit(request_at(cursor, TEXT, tokens=60)) for cursor in range(300, 900, 60)]
    worker.close()
    late = worker.submit(request_at(300))
    for ticket in [tickets[-1], late]:
        with pytest.raises(Cancelled):
            ticket.future.result(60)


def test_a_failed_load_is_what_every_request_says() -> None:
    def fail() -> Engine:
        raise ValueError("no such model")

    worker = Worker(fail)
    ticket = worker.submit(request_at(300))
    with pytest.raises(ValueError, match="no such model"):
        ticket.future.result(60)
    with pytest.raises(ValueError, match="no such model"):
        worker.ready.result(60)
    worker.close()


async def test_a_waiting_coroutine_that_is_cancelled_leaves_the_worker_alive(
    worker: Worker,
) -> None:
    ticket = worker.submit(request_at(700, TEXT, tokens=60))
    waiting = asyncio.ensure_future(asyncio.wrap_future(ticket.future))
    await asyncio.sleep(0)
    waiting.cancel()
    ticket.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    answer = await asyncio.wrap_future(worker.submit(request_at(300)).future)
    assert answer.prompt_tokens > 0


def test_a_cold_prefill_ends_at_once(counted: tuple[Engine, Countdown]) -> None:
    """After the flag is set hardly anything is computed any more, wherever that is."""
    engine, flag = counted
    engine.session.clear()
    flag.arm(None)
    engine.complete(request_at(700, TEXT, tokens=1))
    whole = flag.asked
    for place in (whole // 10, whole // 3, whole // 2):
        engine.session.clear()
        flag.arm(place)
        with pytest.raises(Cancelled):
            engine.complete(request_at(700, TEXT, tokens=1))
        assert flag.asked - place <= 2
    assert whole > 100
