"""How llama.cpp runs a model: threads, batches, and how many sequences there is memory for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import llama_cpp

from inkling.settings import usable_cores

if TYPE_CHECKING:
    from lsp_server.engine.model import Model
    from lsp_server.engine.native import StopFlag
    from lsp_server.engine.records import EngineSettings, KvType

SEQUENCES = 3
"""The active one, and two for what is made ready or for alternatives."""
_MOST_CACHE_BYTES = 768 * 2**20
"""The sequences beside the first must fit into this together; otherwise there is only one."""
_BYTES_PER_DECODE_THREAD = 32 * 2**20
_KV_TYPES = {
    "f16": (llama_cpp.GGML_TYPE_F16, 2.0),
    "f32": (llama_cpp.GGML_TYPE_F32, 4.0),
    "q8_0": (llama_cpp.GGML_TYPE_Q8_0, 34 / 32),
}
"""llama.cpp's number of a type, and the bytes of a value."""


def context_parameters(
    model: Model, settings: EngineSettings, context_tokens: int, sequences: int, stop: StopFlag
) -> Any:
    """llama.cpp's parameters of a context with some sequences of `context_tokens` each."""
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = context_tokens * sequences
    parameters.n_batch = parameters.n_ubatch = settings.batch_tokens
    parameters.n_seq_max = sequences
    cores = usable_cores()
    parameters.n_threads_batch = settings.threads or cores
    parameters.n_threads = (
        settings.decode_threads or settings.threads or decode_threads(model.bytes, cores)
    )
    parameters.flash_attn_type = (
        llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        if settings.flash_attention
        else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    )
    parameters.type_k = parameters.type_v = _KV_TYPES[settings.kv_type][0]
    parameters.abort_callback = stop.callback
    parameters.abort_callback_data = stop.callback_data
    parameters.no_perf = True
    return parameters


def sequences_for(model: Any, context_tokens: int, kv_type: KvType) -> int:
    """How many sequences there is memory for."""
    heads = max(1, llama_cpp.llama_model_n_head(model))
    width = llama_cpp.llama_model_n_embd(model) * llama_cpp.llama_model_n_head_kv(model) // heads
    values = 2 * width * llama_cpp.llama_model_n_layer(model) * context_tokens
    bytes_each = values * _KV_TYPES[kv_type][1]
    return SEQUENCES if (SEQUENCES - 1) * bytes_each <= _MOST_CACHE_BYTES else 1


def decode_threads(model_bytes: int, cores: int) -> int:
    """Threads for single tokens: few for a small model.

    With little to compute between two barriers more threads gain nothing (15 MB: 2.7 ms a token
    with one thread, 3.1 with two), and they lose badly when something else wants the CPU.
    """
    return min(cores, 1 + model_bytes // _BYTES_PER_DECODE_THREAD)
