"""A running answer that agrees with what is typed is kept; the next one is there before the key."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from lsp_server.documents import Change, Document
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import Cancelled
from lsp_server.engine.worker import Ticket, Worker
from lsp_server.running import Running
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inkling.bundle import Bundle

TEXT = SOURCE * 3
DOCUMENT = Document("file:///a.py", "total = \nprint(total)\n")
OFFSET = len("total = ")


@pytest.fixture(scope="module")
def worker(bundle: Bundle) -> Iterator[Worker]:
    worker = Worker(lambda: Engine(bundle, ONE_THREAD))
    worker.ready.result(60)
    yield worker
    worker.close()


@pytest.fixture
def running(worker: Worker) -> Running:
    ticket = Ticket(worker, request_at(300))
    ticket.progress(b"sum(valu")
    return Running(DOCUMENT, OFFSET, ticket)


def typed(text: str, offset: int = OFFSET) -> Document:
    place = DOCUMENT.position(offset)
    return DOCUMENT.changed(Change(text, place, place))


@pytest.mark.parametrize("text", ["s", "sum(", "sum(valu"])
def test_it_goes_on_while_the_answer_says_what_is_typed(running: Running, text: str) -> None:
    assert running.agrees_with(typed(text))
    assert running.ends_at(typed(text), OFFSET + len(text))
    assert not running.ends_at(typed(text), OFFSET)


@pytest.mark.parametrize(
    "document",
    [typed("m"), typed("sum(x"), typed("sum(values"), typed("s", 3), typed("s", OFFSET + 5)],
    ids=["other", "differs later", "not said yet", "above", "below"],
)
def test_anything_else_ends_it(running: Running, document: Document) -> None:
    assert not running.agrees_with(document)


def test_half_a_character_is_no_disagreement(running: Running) -> None:
    running.ticket.progress("é".encode()[:1])
    assert running.agrees_with(DOCUMENT)
    assert not running.agrees_with(typed("é"))


def test_what_nobody_waits_for_is_cancelled(running: Running) -> None:
    running.waiting = 1
    assert not running.release()
    assert not running.ticket.cancelled
    running.waiting = 0
    assert running.release()
    assert running.ticket.cancelled


def test_a_ticket_tells_what_is_said_so_far(worker: Worker) -> None:
    ticket = worker.submit(request_at(700, TEXT, tokens=60))
    answer = ticket.future.result(60)
    assert answer.text.encode().startswith(ticket.partial)
    assert len(ticket.partial) > len(answer.text.encode()) / 2


def wait_until_idle(worker: Worker) -> None:
    """All that was asked for before is done once this is."""
    deadline = time.monotonic() + 60
    while worker._prepared is None and time.monotonic() < deadline:
        time.sleep(0.01)


def test_what_was_prepared_is_there_at_once(worker: Worker) -> None:
    expected = worker.submit(request_at(700, TEXT)).future.result(60)
    worker.submit(request_at(300)).future.result(60)
    worker.prepare(request_at(700, TEXT))
    wait_until_idle(worker)
    ticket = worker.submit(request_at(700, TEXT))
    assert ticket.future.done()
    answer = ticket.future.result()
    assert answer.prepared
    assert answer.reused_tokens == answer.prompt_tokens
    assert_same_answer(answer, expected)


def test_what_was_prepared_before_the_memory_has_learned_is_not_used(worker: Worker) -> None:
    worker.submit(request_at(300)).future.result(60)
    worker.prepare(request_at(312))
    wait_until_idle(worker)
    worker.forget_prepared()
    assert not worker.submit(request_at(312)).future.result(60).prepared


def test_another_question_than_the_prepared_one_is_answered_as_ever(worker: Worker) -> None:
    expected = worker.submit(request_at(310)).future.result(60)
    worker.prepare(request_at(700, TEXT, tokens=60))
    answer = worker.submit(request_at(310)).future.result(60)
    assert not answer.prepared
    assert_same_answer(answer, expected)


async def test_work_between_requests_is_done_in_its_turn(worker: Worker) -> None:
    served = await asyncio.wrap_future(worker.do(lambda engine: engine.served))
    assert served.name == "tiny"
    with pytest.raises(ZeroDivisionError):
        await asyncio.wrap_future(worker.do(lambda _: 1 // 0))
    assert worker.submit(request_at(300)).future.result(60).prompt_tokens > 0


def test_after_the_end_nothing_is_done(bundle: Bundle) -> None:
    worker = Worker(lambda: Engine(bundle, ONE_THREAD))
    worker.close()
    with pytest.raises(Cancelled):
        worker.do(lambda _: None).result(60)
