"""Greedy decoding: reuse of the KV cache changes nothing, healing repeats nothing, limits hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.context import begin_above
from inkling.layout import FimContext, Sentinel, split_at_cursor
from lsp_server.engine.decoding import whole_characters
from lsp_server.engine.engine import Engine
from lsp_server.engine.healing import choose_first
from lsp_server.engine.prompt import MAX_HEALED_TOKENS, build_prompt, encode_context
from lsp_server.engine.records import CompletionRequest, FinishReason
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD

if TYPE_CHECKING:
    from inkling.bundle import Bundle

cursors = st.integers(0, len(SOURCE))


@settings(max_examples=12, deadline=None)
@given(history=st.lists(cursors, min_size=1, max_size=4), cursor=cursors)
def test_an_answer_does_not_depend_on_what_was_asked_before(
    engine: Engine, history: list[int], cursor: int
) -> None:
    for earlier in history:
        engine.complete(request_at(earlier))
    warm = engine.complete(request_at(cursor))
    engine.session.clear()
    cold = engine.complete(request_at(cursor))
    assert cold.reused_tokens == 0
    assert_same_answer(warm, cold)


def test_a_fresh_engine_gives_the_same_answer(engine: Engine, bundle: Bundle) -> None:
    cursor = SOURCE.index("balance += ")
    warm = engine.complete(request_at(cursor))
    with Engine(bundle, ONE_THREAD) as fresh:
        assert_same_answer(warm, fresh.complete(request_at(cursor)))


def test_typing_on_a_line_reads_only_what_was_typed(engine: Engine) -> None:
    start = SOURCE.index("    return self.balance")
    before = SOURCE[:start]
    after = SOURCE[start:].partition("\n")[2]
    engine.complete(request_at(start, before + "\n" + after))
    for typed in ("    r", "    re", "    ret", "    return", "    return s"):
        text = before + typed + "\n" + after
        completion = engine.complete(request_at(len(before + typed), text))
        assert completion.prompt_tokens - completion.reused_tokens <= 16
    # The suffix begins with the line break each time, so all before the line is still in place.
    assert completion.reused_tokens > 100


@settings(max_examples=60, deadline=None)
@given(cursor=cursors)
def test_healing_goes_on_exactly_after_the_typed_text(engine: Engine, cursor: int) -> None:
    vocabulary = engine.model.vocabulary
    context = split_at_cursor(SOURCE, cursor)
    prompt = build_prompt(context, vocabulary, 2000)
    assert len(prompt.tail) <= MAX_HEALED_TOKENS
    completion = engine.complete(CompletionRequest(context, max_new_tokens=4))
    # Whatever was rolled back, prompt and answer together spell the typed text, then the answer.
    head = prompt.head[prompt.head.index(vocabulary.sentinel_ids[Sentinel.MIDDLE]) + 1 :]
    spelled = {
        vocabulary.join((*head, *prompt.tail[:kept], *completion.tokens))
        for kept in range(len(prompt.tail) + 1)
    }
    # Some lines above the cursor's stand in the middle as well.
    lines = begin_above(context).typed
    wanted = (lines + completion.text).encode()
    assert any(text.startswith(wanted) for text in spelled) or not completion.tokens


@settings(max_examples=200, deadline=None)
@given(typed=st.text(max_size=12), seed=st.integers(0, 2**16))
def test_healing_always_finds_a_token(engine: Engine, typed: str, seed: int) -> None:
    vocabulary = engine.model.vocabulary
    prompt = build_prompt(FimContext("", typed, ""), vocabulary, 1000)
    rows = max(1, len(prompt.tail))
    logits = np.random.default_rng(seed).normal(size=(rows, vocabulary.size)).astype(np.float32)
    first = choose_first(logits, prompt.tail, vocabulary)
    if prompt.tail:
        removed = vocabulary.join(prompt.tail[first.kept :])
        assert vocabulary.piece(first.token).startswith(removed)
        assert first.covered == len(removed)
        assert first.logprob <= 0
    else:
        assert first.covered == 0


def test_a_whole_word_beats_its_broken_beginning(engine: Engine) -> None:
    """`␣rang` encodes as more than one token; `␣range` may be one: then that one is found."""
    vocabulary = engine.model.vocabulary
    word = next(
        piece.decode()
        for piece in map(vocabulary.piece, range(vocabulary.size))
        if piece.startswith(b" ")
        and piece[1:].isalpha()
        and len(vocabulary.encode(piece[:-1].decode())) > 1
    )
    prompt = build_prompt(FimContext("", "x" + word[:-1], ""), vocabulary, 1000)
    (whole,) = vocabulary.encode(word)
    logits = np.zeros((len(prompt.tail), vocabulary.size), dtype=np.float32)
    logits[0, whole] = 20
    assert choose_first(logits, prompt.tail, vocabulary).token == whole


def test_indentation_leaves_its_last_space_to_the_word(engine: Engine) -> None:
    vocabulary = engine.model.vocabulary
    prompt = build_prompt(FimContext("def f():\n", " " * 8, "\n"), vocabulary, 1000)
    assert vocabulary.join(prompt.tail) == b" "
    assert vocabulary.join(prompt.head).endswith(b"f():\n" + b" " * 7)


def test_one_line_stops_at_the_end_of_the_line(engine: Engine) -> None:
    for cursor in range(0, len(SOURCE), 23):
        request = request_at(cursor, tokens=40)
        line = engine.complete(CompletionRequest(request.context, 40, max_lines=1))
        assert "\n" not in line.text
        free = engine.complete(request)
        if "\n" in free.text:
            assert line.finish_reason is FinishReason.LINES
            assert free.text.startswith(line.text)


def test_lines_are_counted(engine: Engine) -> None:
    answers = [
        engine.complete(CompletionRequest(request_at(cursor).context, 60, max_lines=2))
        for cursor in range(0, len(SOURCE), 29)
    ]
    assert max(answer.text.count("\n") for answer in answers) == 1


def test_the_token_limit_holds(engine: Engine) -> None:
    answer = engine.complete(request_at(len(SOURCE) // 2, tokens=3))
    assert len(answer.tokens) <= 3
    assert len(answer.logprobs) == len(answer.tokens)


def test_the_end_of_the_middle_is_not_part_of_the_answer(engine: Engine) -> None:
    ends = engine.model.vocabulary.stop_ids
    answers = [
        engine.complete(request_at(cursor, tokens=60)) for cursor in range(0, len(SOURCE), 37)
    ]
    assert any(answer.finish_reason is FinishReason.END for answer in answers)
    assert not any(ends.intersection(answer.tokens) for answer in answers)


def test_the_prompt_is_the_layouts(engine: Engine) -> None:
    vocabulary = engine.model.vocabulary
    ids, encode = vocabulary.sentinel_ids, vocabulary.encode
    context = FimContext("a = 1\n", "b", " = 2\n", path="x/y.py", repo="r")
    assert encode_context(context, vocabulary) == [
        ids[Sentinel.REPO], *encode("r"),
        ids[Sentinel.FILE], *encode("x/y.py\n"),
        ids[Sentinel.PREFIX], *encode("a = 1\n"),
        ids[Sentinel.SUFFIX], *encode(" = 2\n"),
        ids[Sentinel.MIDDLE], *encode("b"),
    ]  # fmt: skip


def test_text_cannot_forge_a_sentinel(engine: Engine) -> None:
    vocabulary = engine.model.vocabulary
    forged = "".join(sentinel.value for sentinel in Sentinel)
    assert not vocabulary.stop_ids.intersection(vocabulary.encode(forged))
    assert vocabulary.join(vocabulary.encode(forged)) == forged.encode()


@settings(max_examples=100, deadline=None)
@given(text=st.text())
def test_text_survives_tokens(engine: Engine, text: str) -> None:
    vocabulary = engine.model.vocabulary
    assert vocabulary.join(vocabulary.encode(text)) == text.encode()


def test_a_file_larger_than_the_context_is_cut_to_its_window(engine: Engine) -> None:
    text = "value = compute(value)\n" * 100_000
    answer = engine.complete(request_at(len(text) // 2, text))
    assert answer.prompt_tokens <= engine.session.context_size - 12


def test_an_empty_file_has_an_answer(engine: Engine) -> None:
    assert engine.complete(request_at(0, "")).prompt_tokens > 0


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("zoë".encode(), "zoë"),
        ("zoë".encode()[:-1], "zo"),
        (b"a\xf0\x9f\x98", "a"),
        (b"a\xffb", "a"),
        (b"", ""),
    ],
)
def test_a_cut_character_is_left_out(data: bytes, text: str) -> None:
    assert whole_characters(data) == text


def test_alternatives_differ_and_change_nothing_in_the_first_answer(engine: Engine) -> None:
    plain = engine.complete(request_at(700, SOURCE * 3))
    asked = replace(request_at(700, SOURCE * 3), alternatives=2)
    several = engine.complete(asked)
    assert_same_answer(several, plain)
    texts = [several.text, *(other.text for other in several.alternatives)]
    assert len(texts) > 1
    assert len(set(texts)) == len(texts)
    assert engine.complete(asked).alternatives == several.alternatives
    assert_same_answer(engine.complete(request_at(700, SOURCE * 3)), plain)


def test_alternatives_are_decoded_in_the_batches_of_the_first_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.forget()
    asked = replace(request_at(700, SOURCE * 3), alternatives=2)
    engine.complete(replace(asked, max_new_tokens=1))
    batches = []
    decode = engine.session._decode
    monkeypatch.setattr(
        engine.session, "_decode", lambda parts: (batches.append(len([*parts])), decode(parts))
    )
    answer = engine.complete(asked)
    longest = max(len(each.tokens) for each in (answer, *answer.alternatives))
    assert max(batches) == 3
    assert len(batches) <= longest + 1  # one more for the last token of the prompt


def test_alternatives_go_on_exactly_after_the_typed_text(engine: Engine) -> None:
    vocabulary = engine.model.vocabulary
    cursor = SOURCE.index("account.deposit") + len("account.dep")
    answer = engine.complete(replace(request_at(cursor, SOURCE[:cursor]), alternatives=2))
    for other in answer.alternatives:
        written = vocabulary.join(other.tokens).decode(errors="ignore")
        assert written.endswith(other.text) or other.finish_reason is FinishReason.LINES
        assert "account.dep".endswith(written.removesuffix(other.text))
