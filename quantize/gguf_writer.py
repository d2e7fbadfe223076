"""Writes a checkpoint as GGUF with unquantized weights (F32, F16 or BF16).

Tensor names come from `gguf`'s own map; one-dimensional tensors stay F32, as llama.cpp expects.
Quantizing is llama.cpp's work: see `llama_quantize`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.errors import InklingError, require
from inkling.layout import LAYOUT_VERSION, Sentinel
from quantize.checkpoint_reader import RETRAIN
from quantize.vocabulary import PRE_TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quantize.checkpoint_reader import Checkpoint, Shape
    from quantize.file_types import FileType

FIM_KEYS = {
    Sentinel.PREFIX: "fim_pre",
    Sentinel.SUFFIX: "fim_suf",
    Sentinel.MIDDLE: "fim_mid",
    Sentinel.PAD: "fim_pad",
    Sentinel.REPO: "fim_rep",
    Sentinel.FILE: "fim_sep",
}
"""Sentinel → `tokenizer.ggml.<key>_token_id`. llama.cpp would not find all of them by name."""

LAYOUT_KEY = "inkling.layout.version"
CORPUS_KEY = "inkling.corpus"
LANGUAGES_KEY = "inkling.languages"


def write_gguf(
    checkpoint: Checkpoint,
    path: Path,
    file_type: FileType,
    *,
    name: str,
    on_tensor: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Convert `checkpoint` to the GGUF file `path`.

    Args:
        file_type: one that needs no quantization (`FileType.unquantized`).
        name: `general.name` in the metadata.
        on_tensor: called with (tensors done, tensors in all).

    Raises:
        InklingError: missing or unknown tensors, wrong shapes, or weights that aren't finite.
    """
    gguf = require("gguf", "train")
    assert file_type.unquantized
    names = gguf_names(checkpoint)
    writer = gguf.GGUFWriter(path, "qwen3")
    _add_architecture(writer, checkpoint, name)
    writer.add_file_type(file_type.ftype)
    _add_tokenizer(writer, checkpoint)
    _add_layout(writer, checkpoint)
    for source, target in names.items():
        shape = checkpoint.tensors.stored[source].shape
        kind = gguf.GGMLQuantizationType[file_type.name if len(shape) > 1 else "F32"]
        size = int(np.prod(shape)) * (4 if kind.name == "F32" else 2)
        writer.add_tensor_info(target, shape, np.dtype(np.float32), size, raw_dtype=kind)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for done, source in enumerate(names, start=1):
            weights = checkpoint.tensors.load(source)
            if not np.isfinite(weights).all():
                raise InklingError(
                    f"The weights {source} hold infinite or undefined numbers.",
                    "The training run diverged; train again with a lower learning rate.",
                )
            kind = gguf.GGMLQuantizationType[file_type.name if weights.ndim > 1 else "F32"]
            writer.write_tensor_data(gguf.quants.quantize(weights, kind))
            on_tensor(done, len(names))
    finally:
        writer.close()


def gguf_names(checkpoint: Checkpoint) -> dict[str, str]:
    """Names of the checkpoint's tensors → names in GGUF, after checking that the set is whole."""
    gguf = require("gguf", "train")
    architecture = gguf.MODEL_ARCH.QWEN3
    shape = checkpoint.shape
    tensor_map = gguf.get_tensor_name_map(architecture, shape.block_count)
    names: dict[str, str] = {}
    for source in checkpoint.tensors.stored:
        target = tensor_map.get_name(source, try_suffixes=(".weight",))
        if target is None:
            raise InklingError(f"The checkpoint has an unknown tensor {source}.", RETRAIN)
        if not (shape.tied and target == "output.weight"):  # llama.cpp uses token_embd instead
            names[source] = target
    expected = expected_shapes(shape)
    if missing := sorted(expected.keys() - names.values()):
        raise InklingError(f"The checkpoint lacks the weights of {missing[0]}.", RETRAIN)
    for source, target in names.items():
        found = checkpoint.tensors.stored[source].shape
        if found != expected.get(target):
            raise InklingError(
                f"The weights {source} have the shape {found}, "
                f"but config.json implies {expected.get(target)}.",
                RETRAIN,
            )
    return names


def expected_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Every tensor of a Qwen3 dense model: name in GGUF → shape, rows first."""
    width, inner, head = shape.embedding_length, shape.feed_forward_length, shape.head_length
    queries, keys = shape.head_count * head, shape.head_count_kv * head
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (shape.embedding_rows, width),
        "output_norm.weight": (width,),
    }
    if not shape.tied:
        shapes["output.weight"] = (shape.embedding_rows, width)
    for block in range(shape.block_count):
        shapes |= {
            f"blk.{block}.{name}.weight": size
            for name, size in {
                "attn_norm": (width,),
                "attn_q": (queries, width),
                "attn_k": (keys, width),
                "attn_v": (keys, width),
                "attn_output": (width, queries),
                "attn_q_norm": (head,),
                "attn_k_norm": (head,),
                "ffn_norm": (width,),
                "ffn_gate": (inner, width),
                "ffn_up": (inner, width),
                "ffn_down": (width, inner),
            }.items()
        }
    return shapes


def _add_architecture(writer: Any, checkpoint: Checkpoint, name: str) -> None:
    shape = checkpoint.shape
    writer.add_name(name)
    writer.add_type("model")
    writer.add_block_count(shape.block_count)
    # What it was trained on, not what the position table allows: servers take it as the limit.
    writer.add_context_length(checkpoint.manifest.context_size)
    writer.add_embedding_length(shape.embedding_length)
    writer.add_feed_forward_length(shape.feed_forward_length)
    writer.add_head_count(shape.head_count)
    writer.add_head_count_kv(shape.head_count_kv)
    writer.add_key_length(shape.head_length)
    writer.add_value_length(shape.head_length)
    writer.add_layer_norm_rms_eps(shape.rms_epsilon)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.embedding_rows)


def _add_tokenizer(writer: Any, checkpoint: Checkpoint) -> None:
    gguf = require("gguf", "train")
    vocabulary = checkpoint.vocabulary
    count = len(vocabulary.tokens)
    unused = range(count, checkpoint.shape.embedding_rows)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list([*vocabulary.tokens, *(f"[UNUSED{token_id}]" for token_id in unused)])
    writer.add_token_types(
        [
            # CONTROL, or llama.cpp would also find the sentinels in plain text.
            gguf.TokenType.CONTROL if token_id in vocabulary.special else gguf.TokenType.NORMAL
            for token_id in range(count)
        ]
        + [gguf.TokenType.UNUSED for _ in unused]
    )
    writer.add_token_merges(vocabulary.merges)
    ids = vocabulary.sentinel_ids
    writer.add_bos_token_id(ids[Sentinel.END])
    writer.add_eos_token_id(ids[Sentinel.END])
    writer.add_pad_token_id(ids.get(Sentinel.PAD, ids[Sentinel.END]))
    writer.add_add_bos_token(False)
    for sentinel, key in FIM_KEYS.items():
        if sentinel in ids:
            writer.add_uint32(f"tokenizer.ggml.{key}_token_id", ids[sentinel])


def _add_layout(writer: Any, checkpoint: Checkpoint) -> None:
    manifest = checkpoint.manifest
    writer.add_uint32(LAYOUT_KEY, LAYOUT_VERSION)
    if manifest.corpus:
        writer.add_string(CORPUS_KEY, manifest.corpus)
    if manifest.languages:
        writer.add_array(LANGUAGES_KEY, manifest.languages)
