"""Greedy decoding from a prompt: healing of the last word, stop conditions, and bytes to text.

Healing: the typed text may end inside what training knew as one token ("␣rang" of "␣range"). So
its last few tokens are only a proposal. Their prefill yields the logits before each; for each cut
the best single token that *starts with* all bytes after the cut competes, weighted with the
probability of the tokens before it. The tokens as typed are one of the candidates, so healing
always succeeds, costs no further evaluation, and never repeats what was typed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsp_server.engine.records import Completion, CompletionRequest, FinishReason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.engine.prompt import Prompt
    from lsp_server.engine.session import Session
    from lsp_server.engine.vocabulary import Vocabulary


@dataclass(frozen=True)
class FirstToken:
    """The first token of an answer.

    Attributes:
        token: its id.
        logprob: conditional on the bytes of the typed text that it covers.
        kept: how many tokens of the prompt's tail stand before it.
        covered: how many of its bytes were typed already.
    """

    token: int
    logprob: float
    kept: int
    covered: int


def complete(
    session: Session, vocabulary: Vocabulary, prompt: Prompt, request: CompletionRequest
) -> Completion:
    """Continue `prompt` greedily within the limits of `request`.

    Raises:
        lsp_server.engine.records.Cancelled: the session was told to stop.
    """
    started = time.perf_counter()
    ids = (*prompt.head, *prompt.tail)
    outputs = max(1, len(prompt.tail))
    logits, reused = session.feed(ids[: len(prompt.head) + outputs - 1], outputs)
    first = choose_first(logits, prompt.tail, vocabulary)
    prefilled = time.perf_counter()

    tokens: list[int] = []
    logprobs: list[float] = []
    data = b""
    token, logprob, covered = first.token, first.logprob, first.covered
    finish = FinishReason.LENGTH
    session.hold(ids[: len(prompt.head) + first.kept])
    while True:
        if token in vocabulary.stop_ids:
            finish = FinishReason.END
            break
        tokens.append(token)
        logprobs.append(logprob)
        data += vocabulary.piece(token)[covered:]
        covered = 0
        if request.max_lines is not None and data.count(b"\n") >= request.max_lines:
            data = _first_lines(data, request.max_lines)
            finish = FinishReason.LINES
            break
        if len(tokens) >= request.max_new_tokens:
            break
        token, logprob = _best(session.push(token))
    return Completion(
        text=whole_characters(data),
        tokens=tuple(tokens),
        logprobs=tuple(logprobs),
        finish_reason=finish,
        prompt_tokens=len(prompt),
        reused_tokens=reused,
        prefill_ms=(prefilled - started) * 1000,
        decode_ms=(time.perf_counter() - prefilled) * 1000,
    )


def choose_first(
    logits: NDArray[np.float32], tail: tuple[int, ...], vocabulary: Vocabulary
) -> FirstToken:
    """The first token of the answer, healing `tail`, the last tokens of the typed text.

    Args:
        logits: row `i` is what the model expects after `i` tokens of the tail;
            shape (max(1, len(tail)), vocabulary).
    """
    if not tail:
        token, logprob = _best(logits[0])
        return FirstToken(token, logprob, 0, 0)
    best: FirstToken | None = None
    best_score = -np.inf
    path = 0.0
    for kept, own in enumerate(tail):
        row = log_softmax(logits[kept])
        typed = vocabulary.join(tail[kept:])
        candidates = _candidates(typed, own if kept == len(tail) - 1 else None, vocabulary)
        if len(candidates):
            scores = row[candidates]
            winner = int(scores.argmax())
            score = path + float(scores[winner])
            if best is None or score > best_score:
                conditional = float(scores[winner] - _log_sum(scores))
                best = FirstToken(int(candidates[winner]), conditional, kept, len(typed))
                best_score = score
        path += float(row[own])
    assert best is not None  # the last token as typed is always a candidate
    return best


def _candidates(typed: bytes, own: int | None, vocabulary: Vocabulary) -> NDArray[np.int64]:
    found = vocabulary.starting_with(typed) if typed else np.empty(0, dtype=np.int64)
    if own is not None and own not in found:
        found = np.append(found, own)
    return found


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithms of the probabilities."""
    return logits - _log_sum(logits)


def _log_sum(values: NDArray[np.float32]) -> np.float32:
    peak = values.max()
    return np.float32(peak + np.log(np.exp(values - peak).sum()))


def _best(logits: NDArray[np.float32]) -> tuple[int, float]:
    token = int(logits.argmax())
    return token, float(logits[token] - _log_sum(logits))


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
