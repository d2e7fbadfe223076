"""A GGUF model opened only to look at it: token ids of text, and logits of whole sequences.

Arithmetic is chosen for exactness (float32 KV cache, no flash attention), not for speed. Serving
is `lsp_server`'s work.
"""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np

from inkling.errors import InklingError
from inkling.settings import usable_cores
from quantize.interrupts import interrupts_held
from quantize.llama_log import llama_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GGML_TYPE_F32 = 0


class LlamaModel:
    """An open model; made by `open_llama_model`, which also closes it."""

    def __init__(self, model: Any, context: Any, longest: int) -> None:
        self._model = model
        self._context = context
        self.vocabulary = llama_cpp.llama_model_get_vocab(model)
        self.vocabulary_size: int = llama_cpp.llama_vocab_n_tokens(self.vocabulary)
        self.longest = longest

    def tokenize(self, text: str) -> list[int]:
        """Token ids of `text`, special tokens off and none added."""
        data = text.encode()
        room = len(data) + 8  # a byte gives at most one token
        ids = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self.vocabulary, data, len(data), ids, room, False, False)
        assert count >= 0
        return list(ids[:count])

    def logits(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Logits after every token of `ids`, as float32 [len(ids), vocabulary].

        At most `longest` ids; each call starts from an empty context.
        """
        assert 0 < len(ids) <= self.longest
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), True)
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        try:
            batch.n_tokens = len(ids)
            for position, token in enumerate(ids):
                batch.token[position] = token
                batch.pos[position] = position
                batch.n_seq_id[position] = 1
                batch.seq_id[position][0] = 0
                batch.logits[position] = True
            status = llama_cpp.llama_decode(self._context, batch)
        finally:
            llama_cpp.llama_batch_free(batch)
        if status != 0:
            raise InklingError(
                f"llama.cpp could not evaluate the model (status {status}).",
                "Export the checkpoint as F32 to see whether quantization is the cause.",
            )
        pointer = llama_cpp.llama_get_logits(self._context)
        values = np.ctypeslib.as_array(
            ctypes.cast(pointer, ctypes.POINTER(ctypes.c_float)),
            shape=(len(ids), self.vocabulary_size),
        )
        return values.copy()


@contextmanager
def open_llama_model(
    path: Path, longest: int = 512, *, adapter: Path | None = None, verbose: bool = False
) -> Iterator[LlamaModel]:
    """Open the GGUF file `path` for sequences of at most `longest` tokens, on the CPU.

    Args:
        adapter: a LoRA adapter in GGUF that is added to the model.

    Raises:
        InklingError: with llama.cpp's reason if it can't load the file or the adapter.
    """
    with llama_log(verbose) as log:
        model_parameters = llama_cpp.llama_model_default_params()
        model_parameters.n_gpu_layers = 0
        with interrupts_held():
            model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_parameters)
        if not model:
            raise InklingError(
                f"llama.cpp can't load {path}: {log.reason}.", "Export the checkpoint again."
            )
        try:
            parameters = llama_cpp.llama_context_default_params()
            parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = longest
            # llama.cpp's threads wait for each other by spinning: on a machine that also does
            # something else, one thread more than there are idle cores is several times slower.
            parameters.n_threads = parameters.n_threads_batch = max(1, usable_cores() // 2)
            parameters.type_k = parameters.type_v = GGML_TYPE_F32
            parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
            with interrupts_held():
                context = llama_cpp.llama_init_from_model(model, parameters)
            if not context:
                raise InklingError(
                    f"llama.cpp can't run {path}: {log.reason}.", "Close other programs first."
                )
            try:
                if adapter is not None:
                    _add_adapter(model, context, adapter)
                yield LlamaModel(model, context, longest)
            finally:
                with interrupts_held():
                    llama_cpp.llama_free(context)
        finally:
            with interrupts_held():
                llama_cpp.llama_model_free(model)


def _add_adapter(model: Any, context: Any, path: Path) -> None:
    adapter = llama_cpp.llama_adapter_lora_init(model, str(path).encode())
    if not adapter:
        raise InklingError(
            f"llama.cpp can't load the adapter {path}.", "Name an adapter of this very model."
        )
    adapters = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(adapter)
    llama_cpp.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1.0))
