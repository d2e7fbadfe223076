"""Reads a checkpoint folder and refuses everything that the GGUF writer could get wrong.

Only JSON and safetensors are read, without torch or transformers: a checkpoint of `pretrain` or
`finetune`, or an ordinary Hugging Face folder of an architecture of `architectures`. Weights stay
on disk until they are asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.checkpoint import MANIFEST_NAME, CheckpointManifest, read_checkpoint_manifest
from inkling.errors import InklingError
from inkling.foreign_layout import FOREIGN_CONTEXT
from inkling.layout import LAYOUT_VERSION, Sentinel
from quantize.architectures import CHOOSE, QWEN3, Architecture, architecture_of, rope_of
from quantize.tensor_files import TensorFiles
from quantize.vocabulary import Vocabulary, parse_vocabulary

if TYPE_CHECKING:
    from pathlib import Path


_CARD_FILES = ("README.md", "*.svg", "LICENSE*")


@dataclass(frozen=True)
class Shape:
    """Hyper-parameters; names as in GGUF's metadata.

    Attributes:
        rope_factor: positions are divided by it.
        biases: tensors of a block, in GGUF's names, that have a bias.
    """

    block_count: int
    embedding_length: int
    feed_forward_length: int
    head_count: int
    head_count_kv: int
    head_length: int
    rms_epsilon: float
    rope_base: float
    embedding_rows: int
    tied: bool
    architecture: Architecture = QWEN3
    rope_factor: float = 1.0
    biases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Checkpoint:
    """An opened checkpoint. `card_files`: model card, its pictures, licence."""

    folder: Path
    manifest: CheckpointManifest
    shape: Shape
    vocabulary: Vocabulary
    tensors: TensorFiles
    card_files: tuple[Path, ...]


def open_checkpoint(folder: Path) -> Checkpoint:
    """Open a finished checkpoint and check that its parts fit together.

    Raises:
        InklingError: missing, unfinished or damaged files; another architecture; a tokenizer
            that llama.cpp would read differently; more tokens than embedding rows.
    """
    if not (folder / MANIFEST_NAME).is_file() and (folder / "config.json").is_file():
        manifest, shape, vocabulary = _read_foreign(folder)
    else:
        manifest = read_checkpoint_manifest(folder)
        _check_layout(folder, manifest)
        shape, vocabulary = _read_model(folder)
    if len(vocabulary.tokens) > shape.embedding_rows:
        raise InklingError(
            f"The tokenizer has {len(vocabulary.tokens)} tokens, "
            f"the model only {shape.embedding_rows} embedding rows.",
            "Keep the tokenizer that the model was trained with in its checkpoint folder.",
        )
    return Checkpoint(
        folder,
        manifest,
        shape,
        vocabulary,
        TensorFiles.open(folder),
        tuple(sorted(path for name in _CARD_FILES for path in folder.glob(name))),
    )


def _check_layout(folder: Path, manifest: CheckpointManifest) -> None:
    if manifest.layout_version != LAYOUT_VERSION:
        raise InklingError(
            f"The checkpoint {folder} was trained with prompt layout {manifest.layout_version}; "
            f"this Inkling writes layout {LAYOUT_VERSION}.",
            "Use the release of Inkling that trained it, or train it again.",
        )


def _read_model(folder: Path) -> tuple[Shape, Vocabulary]:
    shape = parse_shape(read_json(folder / "config.json"))
    settings = folder / "tokenizer_config.json"
    return shape, parse_vocabulary(
        read_json(folder / "tokenizer.json"), read_json(settings) if settings.is_file() else {}
    )


def _read_foreign(folder: Path) -> tuple[CheckpointManifest, Shape, Vocabulary]:
    """A Hugging Face folder without `training.json`: the manifest is made up from its files."""
    config = read_json(folder / "config.json")
    shape, vocabulary = _read_model(folder)
    prefix = vocabulary.tokens[vocabulary.sentinel_ids[Sentinel.PREFIX]]
    if shape.architecture is QWEN3 and prefix == Sentinel.PREFIX.value:
        read_checkpoint_manifest(folder)  # our own, unfinished: says so
    reach = config.get("max_position_embeddings")
    manifest = CheckpointManifest(
        name=folder.resolve().name.rpartition("--")[2],
        context_size=min(reach, FOREIGN_CONTEXT) if isinstance(reach, int) else FOREIGN_CONTEXT,
        languages=[],
    )
    return manifest, shape, vocabulary


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; InklingError if the file is missing or holds anything else."""
    remedy = "Train the model again, or copy the whole checkpoint folder."
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise InklingError(f"The checkpoint lacks {path}.", remedy) from error
    except ValueError as error:
        raise InklingError(f"The file {path} is damaged: {error}.", remedy) from error
    if not isinstance(value, dict):
        raise InklingError(f"The file {path} is damaged: it holds no JSON object.", remedy)
    return value


def parse_shape(config: dict[str, Any]) -> Shape:
    """The shape that `config.json` describes; InklingError for one that isn't known."""
    architecture = architecture_of(config)
    rope = rope_of(config)
    try:
        heads = int(config["num_attention_heads"])
        return Shape(
            block_count=int(config["num_hidden_layers"]),
            embedding_length=int(config["hidden_size"]),
            feed_forward_length=int(config["intermediate_size"]),
            head_count=heads,
            head_count_kv=int(config.get("num_key_value_heads") or heads),
            head_length=int(config.get("head_dim") or config["hidden_size"] // heads),
            rms_epsilon=float(config["rms_norm_eps"]),
            rope_base=float(rope["rope_theta"]),
            embedding_rows=int(config["vocab_size"]),
            tied=bool(config.get("tie_word_embeddings", False)),
            architecture=architecture,
            rope_factor=float(rope["factor"]) if rope["rope_type"] == "linear" else 1.0,
            biases=architecture.biases_of(config),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise InklingError(
            f"The model's config.json lacks a usable value: {error!r}.", CHOOSE
        ) from error
