"""What goes into the engine and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from inkling.layout import FimContext


class FinishReason(StrEnum):
    """Why decoding ended: the middle was closed, or one of the request's limits was met."""

    END = "end"
    LINES = "lines"
    LENGTH = "length"
    UNSURE = "unsure"


class Source(StrEnum):
    """Who answers: the model, the repository memory, or both together."""

    BOTH = "both"
    MODEL = "model"
    MEMORY = "memory"


class Cancelled(Exception):  # noqa: N818  # not an error: the asker no longer wants the answer
    """The request was cancelled; the context stays usable."""


KvType = Literal["f16", "f32", "q8_0"]


@dataclass(frozen=True)
class EngineSettings:
    """How a model is run.

    Attributes:
        context_tokens: size of the context; 0 takes what the bundle or the model says.
        threads: 0 takes the number of cores that this process may use, and fewer for single
            tokens of a small model.
        batch_tokens: tokens evaluated at once in prefill. What an abort throws away is at most
            one such batch; 128 is near the best rate too (measured on two machines).
        decode_threads: for single tokens; 0 takes few for a small model, else `threads`.
        flash_attention: off decodes two to four times as fast on the CPUs that were measured.
        kv_type: of keys and values in the cache; q8_0 needs flash attention. There is no bf16:
            llama.cpp ends the process when it shifts one.
        hold_anchor: typed lines stay after the prompt's anchor until typing pauses.
        shift: where the window steps, move what stays in the cache instead of reading it anew; it
            is read anew when nobody asks.
        gpu_layers: layers to run on a GPU, where llama.cpp was built for one; all by default.
    """

    context_tokens: int = 0
    threads: int = 0
    batch_tokens: int = 128
    decode_threads: int = 0
    flash_attention: bool = False
    kv_type: KvType = "f16"
    hold_anchor: bool = True
    shift: bool = True
    gpu_layers: int = 999


@dataclass(frozen=True)
class CompletionRequest:
    """One question to the model.

    Attributes:
        context: the whole text around the cursor; the engine cuts the window that fits.
        max_new_tokens: longest answer, in tokens.
        max_lines: lines that the answer may touch; 1 stops at the end of the cursor's line,
            None leaves the end to the model.
        min_probability: the answer ends before the token with which it would be, as a whole, less
            probable than this; 0 takes everything.
        source: who answers, where there is a repository memory.
        alternatives: so many other answers are sampled as well, at most two.
        certain_probability: the memory answers without the model what it expects with at least this
            probability, if that is a line or more.
    """

    context: FimContext
    max_new_tokens: int = 64
    max_lines: int | None = None
    min_probability: float = 0.0
    source: Source = Source.BOTH
    certain_probability: float = 0.8
    alternatives: int = 0


@dataclass(frozen=True)
class Alternative:
    """Another answer to the same question; attributes as those of `Completion`."""

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish_reason: FinishReason


@dataclass(frozen=True)
class Completion:
    """The model's answer.

    Attributes:
        text: to be inserted at the cursor; begins right after what was typed.
        tokens: ids as generated, without the end; the first may repeat typed characters.
        logprobs: natural logarithm of each token's probability; that of a healed first token is
            conditional on what was typed.
        finish_reason: why decoding ended.
        prompt_tokens: tokens of the whole prompt.
        reused_tokens: how many of them were still in the KV cache.
        prefill_ms: wall time until the first token was known.
        decode_ms: wall time of all further tokens.
        evaluations: calls of the model after the prefill.
        drafted: tokens that the repository memory proposed in them.
        accepted: how many of those the answer took.
        from_memory: the memory alone was so certain that the model wasn't asked.
        prepared: it was computed before it was asked for.
        alternatives: other answers, if they were asked for.
        window: the text that the prompt was made of; None where our own engine wasn't asked.
    """

    text: str
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish_reason: FinishReason
    prompt_tokens: int
    reused_tokens: int
    prefill_ms: float
    decode_ms: float
    evaluations: int = 0
    drafted: int = 0
    accepted: int = 0
    from_memory: bool = False
    prepared: bool = False
    alternatives: tuple[Alternative, ...] = ()
    window: FimContext | None = None
