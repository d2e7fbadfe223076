"""Drafts change how an answer is computed, never the answer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from inkling.layout import split_at_cursor
from lsp_server.engine.lookahead import Lookahead
from lsp_server.engine.records import CompletionRequest, Source
from lsp_server.memory.repository import RepositoryMemory
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.engine.engine import Engine

Drafts = "Callable[[list[int]], Sequence[int]]"


def greedy(engine: Engine, prompt: list[int], count: int, draft: Drafts) -> list[int]:
    """Greedy tokens after `prompt`, where `draft` says what is evaluated ahead."""
    logits, _ = engine.session.feed(prompt)
    lookahead = Lookahead(engine.session)
    tokens = [int(logits[0].argmax())]
    while len(tokens) < count:
        tokens.append(int(lookahead.push(tokens[-1], draft(tokens)).argmax()))
    lookahead.drop()
    assert engine.session.tokens == (*prompt, *tokens[:-1])
    return tokens


def test_the_answer_is_that_of_a_reference_in_batches_of_two(engine: Engine) -> None:
    prompt = engine.model.vocabulary.encode(SOURCE)
    rng = random.Random(0)
    size = engine.model.vocabulary.size
    reference = greedy(engine, prompt, 24, lambda _: [0])
    right = greedy(engine, prompt, 24, lambda so_far: reference[len(so_far) :][:7] or [0])
    wrong = greedy(engine, prompt, 24, lambda _: [rng.randrange(size) for _ in range(5)])

    def partly(so_far: list[int]) -> list[int]:
        return [*reference[len(so_far) :][:2], rng.randrange(size)]

    assert right == reference
    assert wrong == reference
    assert greedy(engine, prompt, 24, partly) == reference


def test_a_right_draft_saves_evaluations(engine: Engine) -> None:
    prompt = engine.model.vocabulary.encode(SOURCE)
    engine.session.feed(prompt)
    lookahead = Lookahead(engine.session)
    lookahead.push(5, [6, 7])
    lookahead.push(6, [9, 9, 9])
    lookahead.push(7)
    assert (lookahead.evaluations, lookahead.drafted, lookahead.accepted) == (1, 2, 2)


@pytest.fixture
def remembering(engine: Engine) -> Iterator[Callable[..., None]]:
    """Give the engine a memory of some files, for one test."""

    def remember(**files: str) -> None:
        engine.memory = RepositoryMemory(engine.model.vocabulary)
        engine.memory.load((f"{name}.py", text) for name, text in files.items())

    yield remember
    engine.memory = None


CURSOR = SOURCE.index("    account = Account(") + len("    account = Acc")


def test_without_matches_the_memory_changes_nothing(
    engine: Engine, remembering: Callable[..., None]
) -> None:
    alone = engine.complete(request_at(CURSOR))
    remembering(other="nothing = 1\n" * 3)
    assert_same_answer(engine.complete(request_at(CURSOR)), alone)


def test_a_certain_memory_answers_without_the_model(
    engine: Engine, remembering: Callable[..., None]
) -> None:
    copies = {f"copy{number}": SOURCE for number in range(60)}
    remembering(**copies)
    text = SOURCE[: SOURCE.index("    print(account")]
    cursor = text.index("account = Account") + len("account = Acc")
    request = CompletionRequest(split_at_cursor(text[:cursor], cursor), max_lines=1)
    found = engine.complete(request)
    assert found.from_memory
    assert found.text == 'ount("Zoë")'
    assert found.prompt_tokens == 0


def test_that_a_line_ends_here_is_no_answer_where_more_lines_are_wanted(
    engine: Engine, remembering: Callable[..., None]
) -> None:
    begun = "def begin(self):\n    self.open()\n"
    remembering(**{f"copy{number}": f"{begun}\n\n{number}\n" for number in range(10, 70)})
    context = split_at_cursor(begun, len(begun))
    # The memory is certain that a blank line comes next, and knows nothing beyond.
    assert not engine.complete(CompletionRequest(context, max_lines=8)).from_memory
    assert engine.complete(CompletionRequest(context, max_lines=1)).from_memory


def test_the_memory_alone_never_asks_the_model(
    engine: Engine, remembering: Callable[..., None]
) -> None:
    request = CompletionRequest(
        split_at_cursor("import os\n", 10), min_probability=0.3, source=Source.MEMORY
    )
    before = engine.session.tokens
    remembering(other="nothing = 1\n")
    assert engine.complete(request).text == ""
    assert engine.session.tokens == before


def test_what_the_memory_expects_is_drafted_and_mixed_in(
    engine: Engine, remembering: Callable[..., None]
) -> None:
    text = "def quagga(flux):\n    vexed = flux.jumbled()\n    return zygote(vexed)\n"
    remembering(once=text)
    cursor = text.index("zygote") + len("zyg")
    request = CompletionRequest(
        split_at_cursor(text[:cursor], cursor), max_lines=1, certain_probability=1.0
    )
    with_memory = engine.complete(request)
    assert with_memory.drafted > 0
    assert with_memory.accepted > 0
    assert with_memory.text == "ote(vexed)"


def test_an_answer_ends_where_it_would_become_improbable(engine: Engine) -> None:
    whole = engine.complete(request_at(CURSOR, tokens=12))
    unsure = engine.complete(
        CompletionRequest(request_at(CURSOR).context, max_new_tokens=12, min_probability=0.99)
    )
    assert whole.text.startswith(unsure.text)
    assert sum(unsure.logprobs) >= -0.02
