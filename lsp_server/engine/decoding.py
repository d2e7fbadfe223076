"""Greedy decoding from a prompt: stop conditions, and bytes to text.

Where the repository memory has something to say, its distribution is mixed into the model's, and
what it expects is evaluated ahead in the same call.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.layout import Sentinel
from lsp_server.engine.alternatives import Siblings
from lsp_server.engine.healing import advised, choose_first
from lsp_server.engine.lookahead import Lookahead
from lsp_server.engine.probabilities import most_expected, most_probable
from lsp_server.engine.records import Alternative, Completion, CompletionRequest, FinishReason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lsp_server.engine.advice import Advice
    from lsp_server.engine.healing import FirstToken
    from lsp_server.engine.prompt import Prompt
    from lsp_server.engine.session import Session
    from lsp_server.engine.vocabulary import Vocabulary

Progress = Callable[[bytes], None]


def no_progress(_data: bytes) -> None:
    """For those who wait for the whole answer."""


MAX_DRAFT = 7
"""Tokens of a draft; with the one before it they make a batch of eight."""


def complete(
    session: Session,
    vocabulary: Vocabulary,
    prompt: Prompt,
    request: CompletionRequest,
    advice: Advice | None = None,
    progress: Progress = no_progress,
) -> Completion:
    """Continue `prompt` greedily within the limits of `request`.

    Args:
        advice: the repository memory's; its distribution is mixed into the model's, and what it
            expects is evaluated ahead.
        progress: told the answer's bytes after each token.

    Raises:
        lsp_server.engine.records.Cancelled: the session was told to stop.
    """
    started = time.perf_counter()
    ids = (*prompt.head, *prompt.tail)
    outputs = max(1, len(prompt.tail))
    asked = ids[: len(prompt.head) + outputs - 1]
    # What stood below the cursor is no prefix, so only what was prefix before is moved.
    suffix = vocabulary.sentinel_ids[Sentinel.SUFFIX]
    logits, reused = session.feed(asked, outputs, shift_before=suffix)
    first = _first_token(logits, prompt, vocabulary, advice)
    prefilled = time.perf_counter()

    session.hold(ids[: len(prompt.head) + first.kept])
    siblings = _siblings(session, vocabulary, prompt, request, first, logits)
    lookahead = Lookahead(session, siblings.step)
    answer = _decode(Answer(request), first, lookahead, vocabulary, advice, progress)
    lookahead.drop()
    return Completion(
        text=answer.text,
        alternatives=distinct(answer.text, siblings.finish()),
        tokens=tuple(answer.tokens),
        logprobs=tuple(answer.logprobs),
        finish_reason=answer.finish,
        prompt_tokens=len(prompt),
        reused_tokens=reused,
        prefill_ms=(prefilled - started) * 1000,
        decode_ms=(time.perf_counter() - prefilled) * 1000,
        evaluations=lookahead.evaluations,
        drafted=lookahead.drafted,
        accepted=lookahead.accepted,
        window=prompt.window,
    )


def _first_token(
    logits: NDArray[np.float32], prompt: Prompt, vocabulary: Vocabulary, advice: Advice | None
) -> FirstToken:
    """The healed first token, of which the advice is told."""
    first = choose_first(logits, prompt.tail, vocabulary)
    if advice is not None:
        if advice.recall is not None:
            first = advised(first, logits, prompt.tail, vocabulary, advice.recall)
        advice.begin(first.token, first.covered)
    return first


def _decode(
    answer: Answer,
    first: FirstToken,
    lookahead: Lookahead,
    vocabulary: Vocabulary,
    advice: Advice | None,
    progress: Progress,
) -> Answer:
    """Fill an empty answer, from its first token on."""
    token, logprob, covered = first.token, first.logprob, first.covered
    while True:
        if token in vocabulary.stop_ids:
            answer.finish = FinishReason.END
            break
        if not answer.take(token, logprob, vocabulary.piece(token)[covered:]):
            break
        progress(answer.data)
        if advice is not None and len(answer.tokens) > 1:
            advice.take(token)
        covered = 0
        draft = advice.draft(min(MAX_DRAFT, answer.room)) if advice is not None else []
        token, logprob = choose(lookahead.push(token, draft), advice)
    return answer


def _siblings(
    session: Session,
    vocabulary: Vocabulary,
    prompt: Prompt,
    request: CompletionRequest,
    first: FirstToken,
    logits: NDArray[np.float32],
) -> Siblings:
    count = min(request.alternatives, session.sequences - 1)
    answers = [Answer(replace(request, min_probability=0.0)) for _ in range(count)]
    row = logits[first.kept if prompt.tail else 0]
    return Siblings(session, vocabulary, prompt, first, row, answers)


class Answer:
    """What has been generated, within a request's limits.

    Attributes:
        data: the text's bytes.
        finish: why it ended, once it has.
    """

    def __init__(self, request: CompletionRequest) -> None:
        self._request = request
        self._least = math.log(request.min_probability) if request.min_probability else -math.inf
        self.tokens: list[int] = []
        self.logprobs: list[float] = []
        self.data = b""
        self.finish = FinishReason.LENGTH

    @property
    def room(self) -> int:
        """How many more tokens the request allows."""
        return self._request.max_new_tokens - len(self.tokens)

    @property
    def text(self) -> str:
        return whole_characters(self.data)

    def take(self, token: int, logprob: float, data: bytes) -> bool:
        """Add a token; whether there may be another."""
        if sum(self.logprobs) + logprob < self._least:
            self.finish = FinishReason.UNSURE
            return False
        self.tokens.append(token)
        self.logprobs.append(logprob)
        self.data += data
        lines = self._request.max_lines
        if lines is not None and self.data.count(b"\n") >= lines:
            self.data = _first_lines(self.data, lines)
            self.finish = FinishReason.LINES
            return False
        return self.room > 0


def distinct(text: str, others: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
    """The answers that differ from `text` and from each other."""
    by_text = {other.text.rstrip(): other for other in reversed(others)}
    by_text.pop(text.rstrip(), None)
    return tuple(reversed(by_text.values()))


def choose(logits: NDArray[np.float32], advice: Advice | None) -> tuple[int, float]:
    """The most probable token and the natural logarithm of its probability."""
    expectation = advice.expectation() if advice is not None else None
    return most_probable(logits) if expectation is None else most_expected(logits, expectation)


def _first_lines(data: bytes, lines: int) -> bytes:
    """The first `lines` lines, without the break that ends the last of them."""
    kept = b"\n".join(data.split(b"\n")[:lines])
    return kept.removesuffix(b"\r")


def whole_characters(data: bytes) -> str:
    """The text up to the first byte that isn't UTF-8: a cut character is left out."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return data[: error.start].decode()
