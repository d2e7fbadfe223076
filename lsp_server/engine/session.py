"""One llama.cpp context with its KV cache: which tokens are in it, and how to add some.

Knows nothing of prompts or sampling. Not thread-safe, except for `stop`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np

from inkling.errors import InklingError
from inkling.settings import usable_cores
from lsp_server.engine.native import StopFlag
from lsp_server.engine.records import Cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lsp_server.engine.model import Model
    from lsp_server.engine.records import EngineSettings

_SEQUENCE = 0
_ABORTED = 2
_BYTES_PER_DECODE_THREAD = 32 * 2**20
_TO_END = -1


class Session:
    """A context of `model`, and the tokens whose keys and values it holds.

    The cache is f16 and flash attention is off by default: at the context lengths of completion
    this decodes two to four times as fast on a CPU as the library's defaults, and f16 survives a KV
    shift.
    """

    def __init__(
        self, model: Model, settings: EngineSettings, stop: StopFlag | None = None
    ) -> None:
        self.stop = stop or StopFlag()
        self._model = model
        self._tokens: list[int] = []
        self._batch_tokens = settings.batch_tokens
        wanted = min(settings.context_tokens or model.context_size, model.trained_context)
        self._context: Any = llama_cpp.llama_init_from_model(
            model.pointer, self._parameters(wanted, settings)
        )
        if not self._context:
            raise InklingError(
                f"There is no memory for a context of {wanted} tokens.",
                "Set a smaller context_tokens.",
            )
        self.context_size: int = min(wanted, llama_cpp.llama_n_ctx(self._context))
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self._batch_tokens, 0, 1)
        for index in range(self._batch_tokens):
            self._batch.n_seq_id[index] = 1
            self._batch.seq_id[index][0] = _SEQUENCE

    def _parameters(self, context_tokens: int, settings: EngineSettings) -> Any:
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = context_tokens
        parameters.n_batch = parameters.n_ubatch = settings.batch_tokens
        parameters.n_seq_max = 1
        cores = usable_cores()
        parameters.n_threads_batch = settings.threads or cores
        parameters.n_threads = (
            settings.decode_threads or settings.threads or decode_threads(self._model.bytes, cores)
        )
        parameters.flash_attn_type = (
            llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if settings.flash_attention
            else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        parameters.type_k = parameters.type_v = llama_cpp.GGML_TYPE_F16
        parameters.abort_callback = self.stop.callback
        parameters.abort_callback_data = self.stop.callback_data
        parameters.no_perf = True
        return parameters

    @property
    def tokens(self) -> tuple[int, ...]:
        """The tokens in the KV cache, by position."""
        return tuple(self._tokens)

    def feed(self, ids: Sequence[int], outputs: int = 1) -> tuple[NDArray[np.float32], int]:
        """Bring the cache to exactly `ids`, reusing the longest common prefix.

        Returns:
            Logits after each of the last `outputs` tokens, shape (outputs, vocabulary), and the
            number of tokens that were reused.

        Raises:
            Cancelled: `stop` was set; batches already finished stay in the cache.
        """
        assert 0 < outputs <= len(ids)
        reused = self._keep(min(_common_prefix(self._tokens, ids), len(ids) - outputs))
        first_output = len(ids) - outputs
        rows: list[NDArray[np.float32]] = []
        for start in range(reused, len(ids), self._batch_tokens):
            chunk = ids[start : start + self._batch_tokens]
            rows += self._evaluate(chunk, max(0, first_output - start))
        return np.stack(rows), reused

    def extend(self, tokens: Sequence[int]) -> list[NDArray[np.float32]]:
        """Add tokens, at most a batch of them; for each the logits after it, shape (vocabulary,).

        Raises:
            Cancelled: `stop` was set.
        """
        return self._evaluate(tokens, 0)

    def hold(self, ids: Sequence[int]) -> None:
        """Bring the cache to exactly `ids` where no logits are wanted: mostly, cut it."""
        kept = self._keep(_common_prefix(self._tokens, ids))
        for start in range(kept, len(ids), self._batch_tokens):
            chunk = ids[start : start + self._batch_tokens]
            self._evaluate(chunk, len(chunk))

    def close(self) -> None:
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def _keep(self, length: int) -> int:
        """Cut the cache to at most `length` tokens; returns how many are left.

        A memory that can't be cut in the middle (a recurrent model's) is emptied.
        """
        if length >= len(self._tokens) or llama_cpp.llama_memory_seq_rm(
            self._memory, _SEQUENCE, length, _TO_END
        ):
            del self._tokens[length:]
            return len(self._tokens)
        self.clear()
        return 0

    def clear(self) -> None:
        """Empty the cache."""
        llama_cpp.llama_memory_clear(self._memory, True)
        self._tokens.clear()

    def _evaluate(self, chunk: Sequence[int], first_output: int) -> list[NDArray[np.float32]]:
        """Add `chunk` (at most one batch); copies of the logits from index `first_output` on."""
        if self.stop.is_set():
            raise Cancelled
        count = len(chunk)
        batch = self._batch
        batch.n_tokens = count
        base = len(self._tokens)
        for index, token in enumerate(chunk):
            batch.token[index] = token
            batch.pos[index] = base + index
            batch.logits[index] = index >= first_output
        status = llama_cpp.llama_decode(self._context, batch)
        if status != 0:
            self._recover()
            if status == _ABORTED:
                raise Cancelled
            raise InklingError(
                f"llama.cpp could not evaluate {count} tokens after {base} (status {status}).",
                "Set a smaller context_tokens, or report this with the log.",
            )
        self._tokens.extend(chunk)
        size = self._model.vocabulary.size
        return [
            np.ctypeslib.as_array(
                llama_cpp.llama_get_logits_ith(self._context, index), (size,)
            ).copy()
            for index in range(first_output, count)
        ]

    def _recover(self) -> None:
        """After an abort: drop what the unfinished batch left in the cache."""
        if not llama_cpp.llama_memory_seq_rm(self._memory, _SEQUENCE, len(self._tokens), _TO_END):
            self.clear()


def decode_threads(model_bytes: int, cores: int) -> int:
    """Threads for single tokens: few for a small model.

    With little to compute between two barriers more threads gain nothing (15 MB: 2.7 ms a token
    with one thread, 3.1 with two), and they lose badly when something else wants the CPU.
    """
    return min(cores, 1 + model_bytes // _BYTES_PER_DECODE_THREAD)


def _common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
