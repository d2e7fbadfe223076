"""Models as a hub has them: an ordinary Hugging Face folder with random weights, and a small
tokenizer with the sentinels, the splitting rule and the oddities of a known family."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.foreign_layout import FAMILIES, Family
from tests.tiny_model import library_sources

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = 600
CONTEXT_SIZE = 512
_FAMILY = {family.name.partition(",")[0]: family for family in FAMILIES}


@dataclass(frozen=True)
class Foreign:
    """One kind of model.

    Attributes:
        architecture: class of transformers.
        family: whose sentinels the tokenizer has.
        splits: rule in llama.cpp's name.
        unmarked: the sentinels aren't marked as special, as in Qwen2.5.
        begin: token in front of every text, if any.
        config: values of `config.json` beyond sizes.
    """

    architecture: str
    family: Family
    splits: str
    unmarked: bool = False
    begin: str | None = None
    config: tuple[tuple[str, Any], ...] = ()


QWEN = Foreign(
    "Qwen2ForCausalLM",
    _FAMILY["Qwen2.5-Coder"],
    "qwen2",
    unmarked=True,
    config=(("tie_word_embeddings", True),),
)
GRANITE = Foreign(
    "LlamaForCausalLM",
    _FAMILY["StarCoder"],
    "starcoder",
    config=(("attention_bias", True), ("mlp_bias", True), ("tie_word_embeddings", True)),
)
DEEPSEEK = Foreign(
    "LlamaForCausalLM",
    _FAMILY["DeepSeek-Coder"],
    "deepseek-coder",
    begin="<｜begin▁of▁sentence｜>",
    config=(("rope_parameters", {"rope_type": "linear", "factor": 4.0, "rope_theta": 100000.0}),),
)
FOREIGN = {"qwen": QWEN, "granite": GRANITE, "deepseek": DEEPSEEK}


def write_foreign_checkpoint(folder: Path, kind: Foreign) -> Path:
    """Write the folder `folder` as the hub would hold it; deterministic."""
    import torch
    import transformers

    tokenizer = foreign_tokenizer(kind)
    config_class = getattr(transformers, kind.architecture.replace("ForCausalLM", "Config"))
    torch.manual_seed(0)
    config = config_class(
        vocab_size=tokenizer.get_vocab_size() + 7,  # real ones have rows to spare, too
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT_SIZE,
        initializer_range=0.2,  # or all logits would be about the same
        **dict(kind.config),
    )
    model = getattr(transformers, kind.architecture)(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(".bias"):  # zeros at the start
                parameter.normal_(std=0.3)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast"}
    if kind.begin is not None:
        settings |= {"add_bos_token": True, "bos_token": {"content": kind.begin}}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def foreign_tokenizer(kind: Foreign) -> Any:
    """The tokenizer as its own library reads it: it normalizes, and finds sentinels in text."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, trainers
    from tokenizers import pre_tokenizers as pre

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _splitter(kind.splits)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=pre.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator((text for _, text in library_sources(100_000)), trainer)
    if kind is QWEN:
        tokenizer.normalizer = normalizers.NFC()
    added = [text for text in (kind.begin, *kind.family.texts.values()) if text]
    special = [AddedToken(text, special=not kind.unmarked, normalized=False) for text in added]
    if kind.unmarked:
        tokenizer.add_tokens(special)
    else:
        tokenizer.add_special_tokens(special)
    return tokenizer


def _splitter(rule: str) -> Any:
    from tokenizers import Regex
    from tokenizers import pre_tokenizers as pre
    from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

    by_bytes = pre.ByteLevel(add_prefix_space=False, use_regex=False)
    if rule == "starcoder":
        return pre.Sequence(
            [
                pre.Digits(individual_digits=True),
                pre.ByteLevel(add_prefix_space=False, use_regex=True),
            ]
        )
    if rule == "qwen2":
        return pre.Sequence([pre.Split(Regex(PRETOKENIZE_REGEX), "isolated"), by_bytes])
    regexes = ("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+")
    splits = [pre.Split(Regex(regex), "isolated") for regex in regexes]
    return pre.Sequence([*splits, pre.Digits(individual_digits=True), by_bytes])
