"""Answers of the repository memory alone: where it is certain, or the model is not wanted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lsp_server.engine.decoding import Answer, whole_characters
from lsp_server.engine.records import Completion, CompletionRequest, FinishReason, Source

if TYPE_CHECKING:
    from lsp_server.engine.advice import Advice
    from lsp_server.engine.vocabulary import Vocabulary


def from_memory(
    advice: Advice | None, vocabulary: Vocabulary, request: CompletionRequest
) -> Completion | None:
    """The memory's own answer; None if the model is to be asked.

    With `Source.MEMORY` there is always an answer, perhaps an empty one.
    """
    alone = request.source is Source.MEMORY
    started = time.perf_counter()
    answer = Answer(request)
    if advice is not None and advice.recall is not None:
        least = request.min_probability if alone else request.certain_probability
        covered = advice.recall.covered
        for token, probability in advice.likely(least):
            if not answer.take(token, probability, vocabulary.piece(token)[covered:]):
                break
            covered = 0
        else:
            answer.finish = FinishReason.UNSURE
    if not alone and not _is_whole(answer):
        return None
    return Completion(
        text=whole_characters(answer.data),
        tokens=tuple(answer.tokens),
        logprobs=tuple(answer.logprobs),
        finish_reason=answer.finish,
        prompt_tokens=0,
        reused_tokens=0,
        prefill_ms=0.0,
        decode_ms=(time.perf_counter() - started) * 1000,
        from_memory=True,
    )


def _is_whole(answer: Answer) -> bool:
    """Whether it says enough to do without the model: all the lines that were asked for, or text
    and a line break. That a line breaks here says nothing of what comes on the next."""
    if answer.finish is FinishReason.LINES:
        return True
    return b"\n" in answer.data and bool(answer.data.strip())
