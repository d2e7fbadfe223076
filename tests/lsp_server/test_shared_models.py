"""Engines of one process: the weights are loaded once, and one computes at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from inkling.errors import InklingError
from lsp_server.engine.engine import Engine
from lsp_server.engine.native import StopFlag
from lsp_server.engine.records import Cancelled
from lsp_server.engine.shared_models import SharedModels
from lsp_server.engine.turns import Turns
from lsp_server.engine.worker import Worker
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.bundle import Bundle

PLACES = (120, 300, 420)


def test_the_weights_are_loaded_once_and_freed_by_the_last(bundle: Bundle) -> None:
    models = SharedModels()
    first = Engine(bundle, ONE_THREAD, models=models)
    with Engine(bundle, ONE_THREAD, models=models) as second:
        assert first.model is second.model
        assert models.users(first.model) == 2
        first.close()
        assert models.users(second.model) == 1
        assert second.complete(request_at(120)).prompt_tokens
    assert second.model.pointer is None


def test_other_settings_of_the_weights_are_another_model(bundle: Bundle) -> None:
    models = SharedModels()
    on_cpu = replace(ONE_THREAD, gpu_layers=0)
    with (
        Engine(bundle, ONE_THREAD, models=models) as one,
        Engine(bundle, on_cpu, models=models) as other,
    ):
        assert one.model is not other.model


def test_a_model_that_is_gone_is_named(bundle: Bundle, tmp_path: Path) -> None:
    gone = replace(bundle, model_path=tmp_path / "gone.gguf")
    with pytest.raises(InklingError, match=r"gone\.gguf"):
        Engine(gone, ONE_THREAD, models=SharedModels())


def test_engines_that_share_answer_as_if_they_were_alone(bundle: Bundle, engine: Engine) -> None:
    engine.forget()
    alone = [engine.complete(request_at(place)) for place in PLACES]
    models = SharedModels()
    workers = [
        Worker(lambda: Engine(bundle, ONE_THREAD, models=models), models.turns) for _ in range(3)
    ]
    try:
        for place, expected in zip(PLACES, alone, strict=True):
            tickets = [worker.submit(request_at(place)) for worker in workers]
            for ticket in tickets:
                assert_same_answer(ticket.future.result(30), expected)
    finally:
        for worker in workers:
            worker.close()


def test_a_request_that_waits_for_its_turn_can_be_cancelled(bundle: Bundle) -> None:
    turns = Turns()
    worker = Worker(lambda: Engine(bundle, ONE_THREAD), turns)
    worker.ready.result(30)
    with turns.request(StopFlag()):
        ticket = worker.submit(request_at(120, SOURCE))
        ticket.cancel()
        with pytest.raises(Cancelled):
            ticket.future.result(5)
    assert worker.submit(request_at(120)).future.result(30).prompt_tokens
    worker.close()


def test_only_one_has_a_turn() -> None:
    turns, computing, most = Turns(), 0, 0
    guard = threading.Lock()

    def compute() -> None:
        nonlocal computing, most
        for _ in range(20):
            with turns.request(StopFlag()):
                with guard:
                    computing += 1
                    most = max(most, computing)
                time.sleep(0.0005)
                with guard:
                    computing -= 1

    threads = [threading.Thread(target=compute) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 1


def test_a_request_ends_the_idle_work_of_others_and_goes_first() -> None:
    turns, idler, order = Turns(), StopFlag(), list[str]()

    def ask() -> None:
        with turns.request(StopFlag()):
            order.append("request")

    with turns.idle(idler) as mine:
        assert mine
        asker = threading.Thread(target=ask)
        asker.start()
        while not idler.is_set():
            time.sleep(0.001)
        order.append("idle work ends")
    asker.join(10)
    assert order == ["idle work ends", "request"]


def test_idle_work_waits_while_others_compute() -> None:
    turns = Turns()
    with turns.request(StopFlag()), turns.idle(StopFlag()) as mine:
        assert not mine
    with turns.idle(StopFlag()) as mine:
        assert mine
