"""One llama.cpp context with its KV cache: which tokens are in it, and how to add some.

The cache has several sequences, each with cells of its own. One is active; another can be made
ready bit by bit while nobody asks, and then take its place. Knows nothing of prompts or sampling.
Not thread-safe, except for `stop`.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np

from inkling.errors import InklingError
from lsp_server.engine.native import StopFlag
from lsp_server.engine.parameters import context_parameters, sequences_for
from lsp_server.engine.records import Cancelled
from lsp_server.engine.runs import NEEDLE, common_prefix, find_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lsp_server.engine.adapter import Adapter
    from lsp_server.engine.model import Model
    from lsp_server.engine.records import EngineSettings

LEAST_SHIFT = 32
"""Fewer tokens than this are read anew instead of shifted."""
_ABORTED = 2
_TO_END = -1
_ALL = 2**31


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
        self._active = 0
        self._batch_tokens = settings.batch_tokens
        wanted = min(settings.context_tokens or model.context_size, model.trained_context)
        self.sequences = sequences_for(model.pointer, wanted, settings.kv_type)
        self._held: list[list[int]] = [[] for _ in range(self.sequences)]
        self._exact = [_ALL] * self.sequences
        self._context: Any = llama_cpp.llama_init_from_model(
            model.pointer,
            context_parameters(model, settings, wanted, self.sequences, self.stop),
        )
        if not self._context:
            raise InklingError(
                f"There is no memory for a context of {wanted} tokens.",
                "Set a smaller context_tokens.",
            )
        self.context_size: int = min(wanted, llama_cpp.llama_n_ctx_seq(self._context))
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(self._batch_tokens, 0, 1)
        self._shifts = settings.shift and llama_cpp.llama_memory_can_shift(self._memory)
        for index in range(self._batch_tokens):
            self._batch.n_seq_id[index] = 1

    @property
    def tokens(self) -> tuple[int, ...]:
        """The tokens in the active sequence, by position."""
        return tuple(self._held[self._active])

    @property
    def active(self) -> int:
        """The number of the active sequence."""
        return self._active

    @property
    def shifted(self) -> bool:
        """Whether part of the active sequence was moved, so that its values are approximate."""
        return self._exact[self._active] < len(self._held[self._active])

    @property
    def spare(self) -> int | None:
        """The sequence in which something can be made ready; None if there is only one."""
        return (self._active + 1) % self.sequences if self.sequences > 1 else None

    def feed(
        self, ids: Sequence[int], outputs: int = 1, *, shift_before: int | None = None
    ) -> tuple[NDArray[np.float32], int]:
        """Bring the active sequence to exactly `ids`, reusing the longest common prefix.

        Args:
            shift_before: where a part of the cache is missing in `ids`, keep what stands behind it,
                up to the first token of this id, and move it forward. Its keys and values remember
                what is gone, so this is approximate; `shifted` tells of it.

        Returns:
            Logits after each of the last `outputs` tokens, shape (outputs, vocabulary), and the
            number of tokens that were reused.

        Raises:
            Cancelled: `stop` was set; batches already finished stay in the cache.
        """
        assert 0 < outputs <= len(ids)
        most = len(ids) - outputs
        common = min(common_prefix(self._held[self._active], ids), most)
        if shift_before is not None and self._shifts:
            common += self._close_up(common, ids[common:most], shift_before)
        reused = self._keep(common)
        first_output = len(ids) - outputs
        rows: list[NDArray[np.float32]] = []
        for start in range(reused, len(ids), self._batch_tokens):
            chunk = ids[start : start + self._batch_tokens]
            rows += self._evaluate(chunk, max(0, first_output - start))
        return np.stack(rows), reused

    def make_ready(self, ids: Sequence[int], at_most: int) -> bool:
        """Bring the spare sequence closer to `ids`, by at most so many tokens and a batch.

        Nothing that was moved by a shift is taken over.

        Returns:
            Whether it holds `ids`, so that `swap` can make it the active one.

        Raises:
            Cancelled: `stop` was set; what was finished before is not lost.
        """
        spare = self.spare
        assert spare is not None
        start, better = self._exactly(spare, ids), self._exactly(self._active, ids)
        if start < better:
            self._copy(self._active, spare)
            start = better
        self._keep(start, spare)
        return self._advance(ids, at_most, spare)

    def advance(self, ids: Sequence[int], at_most: int) -> bool:
        """Bring the active sequence closer to `ids`, by at most so many tokens and a batch.

        Returns:
            Whether it holds `ids`; more tokens behind them stay.

        Raises:
            Cancelled: `stop` was set; what was finished before is not lost.
        """
        common = common_prefix(self._held[self._active], ids)
        if common == len(ids):
            return True
        self._keep(common)
        return self._advance(ids, at_most, self._active)

    def _advance(self, ids: Sequence[int], at_most: int, sequence: int) -> bool:
        start = len(self._held[sequence])
        if start < len(ids):
            chunk = ids[start : start + min(at_most, self._batch_tokens)]
            self._evaluate(chunk, len(chunk), sequence)
        return len(self._held[sequence]) == len(ids)

    def branch(self, ids: Sequence[int], count: int) -> list[int]:
        """Copy the active sequence, cut to `ids` that it begins with, into some other sequences.

        Returns:
            Their numbers, at most `count`.
        """
        others = [n for n in range(self.sequences) if n != self._active][:count]
        for other in others:
            self._copy(self._active, other)
            self._keep(len(ids), other)
        return others

    def step(self, tokens: Mapping[int, Sequence[int]]) -> dict[int, list[NDArray[np.float32]]]:
        """Add tokens to each of some sequences in one batch; the logits after each token.

        Args:
            tokens: number of a sequence → its next tokens, altogether at most a batch.

        Raises:
            Cancelled: `stop` was set.
        """
        if self.stop.is_set():
            raise Cancelled
        batch = self._batch
        places = [(each, place) for each, added in tokens.items() for place in range(len(added))]
        batch.n_tokens = len(places)
        for index, (sequence, place) in enumerate(places):
            batch.token[index] = tokens[sequence][place]
            batch.pos[index] = len(self._held[sequence]) + place
            batch.seq_id[index][0] = sequence
            batch.logits[index] = True
        self._decode(tokens)
        rows: dict[int, list[NDArray[np.float32]]] = {sequence: [] for sequence in tokens}
        for index, (sequence, _) in enumerate(places):
            rows[sequence].append(self._logits(index))
        for sequence, added in tokens.items():
            self._held[sequence].extend(added)
        return rows

    def swap(self) -> None:
        """Make the spare sequence the active one."""
        assert self.spare is not None
        self._active = self.spare

    def extend(self, tokens: Sequence[int]) -> list[NDArray[np.float32]]:
        """Add tokens, at most a batch of them; for each the logits after it, shape (vocabulary,).

        Raises:
            Cancelled: `stop` was set.
        """
        return self._evaluate(tokens, 0)

    def hold(self, ids: Sequence[int]) -> None:
        """Bring the cache to exactly `ids` where no logits are wanted: mostly, cut it."""
        kept = self._keep(common_prefix(self._held[self._active], ids))
        for start in range(kept, len(ids), self._batch_tokens):
            chunk = ids[start : start + self._batch_tokens]
            self._evaluate(chunk, len(chunk))

    def close(self) -> None:
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            llama_cpp.llama_free(self._context)
            self._context = None

    def _keep(self, length: int, sequence: int | None = None) -> int:
        """Cut a sequence to at most `length` tokens; returns how many are left.

        A memory that can't be cut in the middle (a recurrent model's) is emptied.
        """
        sequence = self._active if sequence is None else sequence
        held = self._held[sequence]
        if length >= len(held):
            return len(held)
        if not llama_cpp.llama_memory_seq_rm(self._memory, sequence, length, _TO_END):
            llama_cpp.llama_memory_seq_rm(self._memory, sequence, 0, _TO_END)
            length = 0
        del held[length:]
        if self._exact[sequence] >= length:
            self._exact[sequence] = _ALL
        return length

    def _exactly(self, sequence: int, ids: Sequence[int]) -> int:
        """How many of `ids` a sequence holds as if it had read nothing else."""
        return min(common_prefix(self._held[sequence], ids), self._exact[sequence])

    def _copy(self, source: int, target: int) -> None:
        llama_cpp.llama_memory_seq_rm(self._memory, target, 0, _TO_END)
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, _TO_END)
        self._held[target] = list(self._held[source])
        self._exact[target] = self._exact[source]

    def _close_up(self, common: int, wanted: Sequence[int], end: int) -> int:
        """Close the gap between the first `common` tokens and a later place that goes on as wanted.

        Returns:
            How many tokens are in place now behind the first `common`; 0 if there is no such place.
        """
        held = self._held[self._active]
        if end not in held[common:]:
            return 0
        place = find_run(held[common : held.index(end, common)], wanted[:NEEDLE])
        if place is None:
            return 0
        run = common_prefix(held[common + place :], wanted)
        if place == 0 or run < LEAST_SHIFT:
            return 0
        if not llama_cpp.llama_memory_seq_rm(self._memory, self._active, common, common + place):
            return 0
        llama_cpp.llama_memory_seq_add(self._memory, self._active, common + place, _TO_END, -place)
        del held[common : common + place]
        self._exact[self._active] = min(common, self._exact[self._active])
        return run

    def apply(self, adapter: Adapter | None) -> None:
        """Run the model with an adapter from now on, or with none; the cache is emptied.

        Raises:
            InklingError: llama.cpp refuses it; all stays as it was.
        """
        count = 0 if adapter is None else 1
        pointers = (llama_cpp.llama_adapter_lora_p_ctypes * 1)()
        if adapter is not None:
            pointers[0] = ctypes.cast(adapter.pointer, llama_cpp.llama_adapter_lora_p_ctypes)
        scales = (ctypes.c_float * 1)(1.0)
        if llama_cpp.llama_set_adapters_lora(self._context, pointers, count, scales) != 0:
            raise InklingError("llama.cpp refuses the adapter.", "Name another one.")
        self.clear()

    def write(self, path: Path) -> None:
        """Write the active sequence's tokens, keys and values to a file.

        Raises:
            OSError: it can't be written.
        """
        held = self._held[self._active]
        tokens = (llama_cpp.llama_token * len(held))(*held)
        written = llama_cpp.llama_state_seq_save_file(
            self._context, os.fsencode(path), self._active, tokens, len(held)
        )
        if not written:
            raise OSError(f"llama.cpp wrote nothing to {path}")

    def read(self, path: Path) -> bool:
        """Read what `write` wrote into the active sequence; False if it doesn't fit."""
        self.clear()
        tokens = (llama_cpp.llama_token * self.context_size)()
        count = ctypes.c_size_t()
        read = llama_cpp.llama_state_seq_load_file(
            self._context,
            os.fsencode(path),
            self._active,
            tokens,
            self.context_size,
            ctypes.byref(count),
        )
        if not read:
            self.clear()
            return False
        self._held[self._active] = list(tokens[: count.value])
        return True

    def clear(self) -> None:
        """Empty the cache."""
        llama_cpp.llama_memory_clear(self._memory, True)
        for held in self._held:
            held.clear()
        self._exact = [_ALL] * self.sequences

    def _evaluate(
        self, chunk: Sequence[int], first_output: int, sequence: int | None = None
    ) -> list[NDArray[np.float32]]:
        """Add `chunk` (at most one batch); copies of the logits from index `first_output` on."""
        if self.stop.is_set():
            raise Cancelled
        sequence = self._active if sequence is None else sequence
        held = self._held[sequence]
        count = len(chunk)
        batch = self._batch
        batch.n_tokens = count
        for index, token in enumerate(chunk):
            batch.token[index] = token
            batch.pos[index] = len(held) + index
            batch.seq_id[index][0] = sequence
            batch.logits[index] = index >= first_output
        self._decode([sequence])
        held.extend(chunk)
        return [self._logits(index) for index in range(first_output, count)]

    def _decode(self, sequences: Iterable[int]) -> None:
        """Evaluate the batch, which adds to these sequences."""
        status = llama_cpp.llama_decode(self._context, self._batch)
        if status == 0:
            return
        for sequence in sequences:
            self._recover(sequence)
        if status == _ABORTED:
            raise Cancelled
        raise InklingError(
            f"llama.cpp could not evaluate {self._batch.n_tokens} tokens (status {status}).",
            "Set a smaller context_tokens, or report this with the log.",
        )

    def _logits(self, index: int) -> NDArray[np.float32]:
        """A copy of the logits of one token of the last batch."""
        pointer = llama_cpp.llama_get_logits_ith(self._context, index)
        row: NDArray[np.float32] = np.ctypeslib.as_array(pointer, (self._model.vocabulary.size,))
        return row.copy()

    def _recover(self, sequence: int) -> None:
        """After an abort: drop what the unfinished batch left in the cache."""
        kept = len(self._held[sequence])
        if not llama_cpp.llama_memory_seq_rm(self._memory, sequence, kept, _TO_END):
            llama_cpp.llama_memory_seq_rm(self._memory, sequence, 0, _TO_END)
            self._held[sequence].clear()
