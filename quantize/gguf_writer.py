"""Writes a checkpoint as GGUF with unquantized weights (F32, F16 or BF16).

Tensor names come from `gguf`'s own map; one-dimensional tensors stay F32, as llama.cpp expects.
Quantizing is llama.cpp's work: see `llama_quantize`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.errors import InklingError, require
from inkling.gguf_metadata import LANGUAGES_KEY
from inkling.layout import LAYOUT_VERSION, Sentinel
from quantize.architectures import CHOOSE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

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
CHAT_TEMPLATE_NAME = "chat_template.jinja"
_DERIVED = ".rotary_emb.inv_freq"
"""Old checkpoints store what follows from the configuration."""
CORPUS_KEY = "inkling.corpus"


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
    writer = gguf.GGUFWriter(path, checkpoint.shape.architecture.gguf_name)
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
            weights = in_rows_of_gguf(
                checkpoint.tensors.load(source), names[source], checkpoint.shape
            )
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
    shape = checkpoint.shape
    tensor_map = tensor_names(shape)
    names: dict[str, str] = {}
    for source in checkpoint.tensors.stored:
        if source.endswith(_DERIVED):
            continue
        target = tensor_map.get_name(source, try_suffixes=(".weight", ".bias"))
        if target is None:
            raise InklingError(f"The checkpoint has an unknown tensor {source}.", CHOOSE)
        if not (shape.tied and target == "output.weight"):  # llama.cpp uses token_embd instead
            names[source] = target
    expected = expected_shapes(shape)
    if missing := sorted(expected.keys() - names.values()):
        raise InklingError(f"The checkpoint lacks the weights of {missing[0]}.", CHOOSE)
    for source, target in names.items():
        found = checkpoint.tensors.stored[source].shape
        if found != expected.get(target):
            raise InklingError(
                f"The weights {source} have the shape {found}, "
                f"but config.json implies {expected.get(target)}.",
                CHOOSE,
            )
    return names


def tensor_names(shape: Shape) -> Any:
    """The map of `gguf` from names in transformers to those in GGUF."""
    gguf = require("gguf", "train")
    known = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    return gguf.get_tensor_name_map(known[shape.architecture.gguf_name], shape.block_count)


def in_rows_of_gguf(weights: NDArray[Any], name: str, shape: Shape) -> NDArray[Any]:
    """The rows of a tensor in the order that llama.cpp wants them.

    Args:
        weights: shape (rows, …): a matrix, a bias, or the B side of an adapter.
        name: in GGUF.
    """
    heads = {".attn_q.": shape.head_count, ".attn_k.": shape.head_count_kv}
    part = next((count for stem, count in heads.items() if stem in name), None)
    if part is None or not shape.architecture.paired_rows:
        return weights
    halves = weights.reshape(part, 2, -1, *weights.shape[1:])
    return halves.swapaxes(1, 2).reshape(weights.shape)


def expected_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Every tensor of a model: name in GGUF → shape, rows first."""
    width, inner, head = shape.embedding_length, shape.feed_forward_length, shape.head_length
    queries, keys = shape.head_count * head, shape.head_count_kv * head
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (shape.embedding_rows, width),
        "output_norm.weight": (width,),
    }
    if not shape.tied:
        shapes["output.weight"] = (shape.embedding_rows, width)
    sizes: dict[str, tuple[int, ...]] = {
        "attn_norm": (width,),
        "attn_q": (queries, width),
        "attn_k": (keys, width),
        "attn_v": (keys, width),
        "attn_output": (width, queries),
        "ffn_norm": (width,),
        "ffn_gate": (inner, width),
        "ffn_up": (inner, width),
        "ffn_down": (width, inner),
    }
    if shape.architecture.head_norms:
        sizes |= {"attn_q_norm": (head,), "attn_k_norm": (head,)}
    for block in range(shape.block_count):
        shapes |= {f"blk.{block}.{name}.weight": size for name, size in sizes.items()}
        shapes |= {f"blk.{block}.{name}.bias": sizes[name][:1] for name in sorted(shape.biases)}
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
    writer.add_rope_dimension_count(shape.head_length)
    writer.add_rope_freq_base(shape.rope_base)
    if shape.rope_factor != 1:
        writer.add_rope_scaling_type(require("gguf", "train").RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(shape.rope_factor)
    writer.add_vocab_size(shape.embedding_rows)


def _add_tokenizer(writer: Any, checkpoint: Checkpoint) -> None:
    gguf = require("gguf", "train")
    vocabulary = checkpoint.vocabulary
    count = len(vocabulary.tokens)
    unused = range(count, checkpoint.shape.embedding_rows)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre_tokenizer)
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
    writer.add_bos_token_id(next(iter(vocabulary.begin_ids), ids[Sentinel.END]))
    writer.add_eos_token_id(ids[Sentinel.END])
    writer.add_pad_token_id(ids.get(Sentinel.PAD, ids[Sentinel.END]))
    writer.add_add_bos_token(bool(vocabulary.begin_ids))
    for sentinel, key in FIM_KEYS.items():
        if sentinel in ids:
            writer.add_uint32(f"tokenizer.ggml.{key}_token_id", ids[sentinel])
    template = checkpoint.folder / CHAT_TEMPLATE_NAME
    if template.is_file():
        writer.add_chat_template(template.read_text(encoding="utf-8"))


def _add_layout(writer: Any, checkpoint: Checkpoint) -> None:
    manifest = checkpoint.manifest
    writer.add_uint32(LAYOUT_KEY, LAYOUT_VERSION)
    if manifest.corpus:
        writer.add_string(CORPUS_KEY, manifest.corpus)
    if manifest.languages:
        writer.add_array(LANGUAGES_KEY, manifest.languages)
