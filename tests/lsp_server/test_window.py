"""The anchor: typing reads only what was typed, pauses move it, and no answer suffers from it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inkling.layout import FimContext, split_at_cursor
from lsp_server.engine import idling
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import Cancelled, CompletionRequest, EngineSettings
from lsp_server.engine.window import MANY_LINES
from tests.lsp_server.answers import assert_same_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inkling.bundle import Bundle

SOURCE = Path(ast.__file__).read_text(encoding="utf-8")
LINES = SOURCE.splitlines(keepends=True)
BEFORE, TYPED, AFTER = "".join(LINES[:120]), "".join(LINES[120:150]), "".join(LINES[150:220])
ENOUGH = 16
"""Prompt tokens that a key may cost."""


@pytest.fixture(scope="module")
def own(bundle: Bundle) -> Iterator[Engine]:
    with Engine(bundle, EngineSettings(threads=1, context_tokens=1024)) as engine:
        yield engine


@pytest.fixture
def fresh(own: Engine) -> Engine:
    own.forget()
    return own


def context_after(typed: str) -> FimContext:
    text = BEFORE + typed
    return split_at_cursor(text + "\n" + AFTER, len(text), path="ast.py", repo="cpython")


def asked(typed: str) -> CompletionRequest:
    return CompletionRequest(context_after(typed), max_new_tokens=4, max_lines=1)


def rest(engine: Engine, *, paused: bool = True) -> int:
    """Let the engine do all that it has to do while nobody asks; how many steps that took."""
    steps = 1
    while engine.idle(paused=paused):
        steps += 1
    return steps


def new_tokens(engine: Engine, typed: str) -> int:
    answer = engine.complete(asked(typed))
    return answer.prompt_tokens - answer.reused_tokens


def test_thirty_edits_in_a_line_read_what_was_typed(fresh: Engine) -> None:
    line = 'result = [node.name for node in tree.body if isinstance(node, "ast")]'
    fresh.complete(asked(line[:1]))
    for end in range(2, 32):
        assert new_tokens(fresh, line[:end]) <= 1 + ENOUGH


def test_thirty_lines_read_what_was_typed_where_there_are_pauses(fresh: Engine) -> None:
    fresh.complete(asked(""))
    rest(fresh)
    counts = []
    for end in range(3, len(TYPED), 3):
        counts.append(new_tokens(fresh, TYPED[:end]))
        if TYPED[end - 3 : end].count("\n"):
            rest(fresh, paused=False)
    assert max(counts) <= ENOUGH
    assert TYPED.count("\n") > 5 * MANY_LINES


def test_without_an_anchor_that_stays_every_line_is_dear(bundle: Bundle) -> None:
    settings = EngineSettings(threads=1, context_tokens=1024, hold_anchor=False)
    with Engine(bundle, settings) as engine:
        engine.complete(asked(""))
        assert new_tokens(engine, "x = 1\n") > 5 * ENOUGH


def test_the_anchor_moves_at_a_pause_and_the_answer_is_that_of_a_new_engine(fresh: Engine) -> None:
    typed = "a = 1\nb = 2\nc = 3\n    x"
    fresh.complete(asked(""))
    fresh.complete(asked(typed))
    held = fresh.window.shown
    rest(fresh, paused=False)
    assert fresh.window.shown == held  # three lines are no reason yet
    rest(fresh, paused=True)
    assert fresh.window.shown != held
    warm = fresh.complete(asked(typed))
    assert warm.prompt_tokens - warm.reused_tokens <= ENOUGH
    fresh.forget()
    assert_same_answer(warm, fresh.complete(asked(typed)))


def test_what_is_read_for_a_move_disturbs_no_request_and_is_not_lost(
    fresh: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idling, "_MOST_TOKENS", 32)  # steps of one size, however slow the machine
    monkeypatch.setattr(idling, "_LEAST_TOKENS", 32)
    typed = "a = 1\nb = 2\n"
    fresh.complete(asked(""))
    expected = fresh.complete(asked(typed))
    before = fresh.window.shown
    assert fresh.idle(paused=True)
    again = fresh.complete(asked(typed + "    "))
    assert fresh.window.shown == before
    assert again.prompt_tokens - again.reused_tokens <= ENOUGH
    assert_same_answer(fresh.complete(asked(typed)), expected)
    left = rest(fresh)
    assert fresh.window.shown != before
    fresh.forget()
    fresh.complete(asked(""))
    fresh.complete(asked(typed))
    assert left < rest(fresh)


def test_a_step_can_be_aborted_and_goes_on_later(fresh: Engine) -> None:
    typed = "a = 1\nb = 2\n"
    fresh.complete(asked(""))
    fresh.complete(asked(typed))
    fresh.stop.set()
    with pytest.raises(Cancelled):
        fresh.idle(paused=True)
    fresh.stop.clear()
    rest(fresh)
    assert new_tokens(fresh, typed) <= ENOUGH


def test_the_anchor_stays_while_something_stands_right_of_the_cursor(fresh: Engine) -> None:
    text = BEFORE + "a = 1\nb = 2\ncall("
    context = split_at_cursor(text + ")\n" + AFTER, len(text), path="ast.py", repo="cpython")
    fresh.complete(asked(""))
    answer = fresh.complete(CompletionRequest(context, 4, 1))
    assert answer.reused_tokens > answer.prompt_tokens / 2
    held = fresh.window.shown
    rest(fresh)
    assert fresh.window.shown == held


def stepped() -> tuple[CompletionRequest, CompletionRequest]:
    """Two requests in a long file; the window of the second begins some lines further down."""
    first, second = (
        split_at_cursor(SOURCE, sum(map(len, LINES[:line])), path="ast.py") for line in (200, 206)
    )
    return CompletionRequest(first, 4, 1), CompletionRequest(second, 4, 1)


def test_a_step_of_the_window_is_a_shift_until_a_pause(fresh: Engine) -> None:
    first, second = stepped()
    cold = fresh.complete(second)
    fresh.forget()
    fresh.complete(first)
    shifted = fresh.complete(second)
    assert fresh.session.shifted
    assert shifted.reused_tokens > 32
    rest(fresh)
    assert not fresh.session.shifted
    mended = fresh.complete(second)
    assert mended.prompt_tokens - mended.reused_tokens <= ENOUGH
    assert_same_answer(mended, cold)
