"""When the model is asked unasked, for how many lines, and after what wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Document
from lsp_server.engine.records import CompletionRequest
from lsp_server.rules.confidence import confidence
from lsp_server.rules.extent import lines_wanted
from lsp_server.rules.reasons import Reason, Silence
from lsp_server.rules.rhythm import Rhythm, wait_before_asking
from lsp_server.suggest import Policy, parse, plan
from lsp_server.workspace import NOWHERE


def planned(hole: str, *, invoked: bool) -> CompletionRequest | Silence:
    before, after = hole.split("¦")
    document = Document("untitled:1", before + after, "python")
    offset = len(before)
    return plan(
        document, offset, NOWHERE, Policy(), lambda _: True,
        invoked=invoked, parsed=lambda: parse(document, offset),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hole", "code"),
    [
        ("va¦lue = 1", Reason.MID_WORD),
        ("x = f(¦a, b, c, more, arguments, here)", Reason.MUCH_FOLLOWS),
        ("x = f(¦)", None),
        ("x = f(¦, timeout=3)", None),
        ("x ¦\ny", None),
        ("value¦", None),
    ],
)
def test_unasked_the_cursor_must_stand_where_people_write(hole: str, code: Reason | None) -> None:
    found = planned(hole, invoked=False)
    assert (found.code if isinstance(found, Silence) else None) == code
    assert isinstance(planned(hole, invoked=True), CompletionRequest)


@pytest.mark.parametrize(
    ("line", "rest", "language", "lines"),
    [
        ("", "", "python", 8),
        ("    ", "", "python", 8),
        ("def f(a):", "", "python", 8),
        ("f(", "", "python", 8),
        ("x = ", "", "python", 1),
        ("retu", "", "python", 1),
        ("f(", ")", "python", 1),
        ("# why", "", "python", 1),
        ("// why {", "", "javascript", 1),
        ("if (x) {", "  ", "c", 8),
    ],
)
def test_several_lines_only_where_a_block_or_a_statement_begins(
    line: str, rest: str, language: str, lines: int
) -> None:
    assert lines_wanted(line, rest, language, 8) == lines


@pytest.mark.parametrize(
    ("hole", "several"),
    [
        ('def f():\n    """What it does.\n\n    ¦\n    """\n    return 1\n', False),
        ('TEXT = """\nArguments:\n¦\n"""\n', False),
        ('def f():\n    """What it does."""\n    ¦\n', True),
        ('x = "a"\n¦', True),
        ("# a comment:\n¦\n", True),
    ],
)
def test_one_line_only_inside_of_a_string(hole: str, several: bool) -> None:
    request = planned(hole, invoked=False)
    assert isinstance(request, CompletionRequest)
    assert request.max_lines == (Policy().max_lines if several else 1)


def test_no_wait_where_the_answer_comes_before_the_next_key() -> None:
    assert wait_before_asking([0.2, 0.2, 0.2], 0.05) == 0
    assert wait_before_asking([], 5.0) == 0


def test_a_slow_model_waits_until_the_next_key_is_overdue() -> None:
    assert 0.2 < wait_before_asking([0.2, 0.2, 0.2], 0.8) <= 0.3
    assert wait_before_asking([0.9, 0.9], 5.0) == 0.3


@given(st.lists(st.floats(0.001, 1)), st.floats(0, 10))
def test_the_wait_is_short_whatever_the_rhythm(intervals: list[float], answer: float) -> None:
    assert 0 <= wait_before_asking(intervals, answer) <= 0.3


def test_pauses_are_not_typing() -> None:
    rhythm = Rhythm()
    for now in (0.0, 0.2, 0.4, 60.0, 60.2):
        rhythm = rhythm.after_key(now)
    assert rhythm.intervals == pytest.approx((0.2, 0.2, 0.2))
    assert rhythm.wait == 0
    assert rhythm.after_answer(2.0, 4).wait == pytest.approx(0.24)


def test_the_first_answer_at_a_new_place_says_nothing_of_the_next() -> None:
    rhythm = Rhythm().after_key(0.0).after_key(0.2)
    assert rhythm.after_answer(2.0, 400).wait == 0


def test_who_types_on_and_on_is_not_kept_waiting_for_ever() -> None:
    rhythm = Rhythm()
    for key in range(5):
        rhythm = rhythm.after_key(0.18 * key)
    rhythm = rhythm.after_answer(0.4, 2)
    assert rhythm.wait > 0.18  # so the next key comes before the model is asked
    for key in range(5, 25):
        rhythm = rhythm.after_key(0.18 * key)
    assert rhythm.wait == 0


@pytest.mark.parametrize(
    ("logprobs", "expected"), [((), 1.0), ((0.0,), 1.0), ((-0.6931472, -0.6931472), 0.5)]
)
def test_confidence_is_the_mean_probability(logprobs: tuple[float, ...], expected: float) -> None:
    assert confidence(logprobs) == pytest.approx(expected)
