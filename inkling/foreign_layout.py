"""Sentinels of models from elsewhere: from the GGUF metadata, else from a table by their texts.

All of them put the prefix first, the suffix next and the middle last, as our own layout does. A
model that wants another order is refused by name rather than asked in a way it never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.layout import REQUIRED_FOR_FIM, Sentinel

if TYPE_CHECKING:
    from inkling.gguf_metadata import GgufMetadata

_KEYS = {
    Sentinel.PREFIX: ("fim_pre", "prefix"),
    Sentinel.SUFFIX: ("fim_suf", "suffix"),
    Sentinel.MIDDLE: ("fim_mid", "middle"),
    Sentinel.PAD: ("fim_pad",),
    Sentinel.REPO: ("fim_rep",),
    Sentinel.FILE: ("fim_sep",),
    Sentinel.END: ("eos",),
}


@dataclass(frozen=True)
class Family:
    """Texts of a family's sentinels; "" where it has none."""

    name: str
    prefix: str
    suffix: str
    middle: str
    repo: str = ""
    file: str = ""


FAMILIES = (
    Family("StarCoder, StarCoder2, Granite", "<fim_prefix>", "<fim_suffix>", "<fim_middle>",
           "<repo_name>", "<file_sep>"),
    Family("SantaCoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    Family("Qwen2.5-Coder", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>",
           "<|repo_name|>", "<|file_sep|>"),
    Family("CodeGemma", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "",
           "<|file_separator|>"),
    Family("DeepSeek-Coder", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
    Family("CodeLlama", "▁<PRE>", "▁<SUF>", "▁<MID>"),
)  # fmt: skip
_SUFFIX_FIRST = {"[SUFFIX]": "Codestral", "<[fim-suffix]>": "Seed-Coder"}


def sentinel_ids(metadata: GgufMetadata) -> dict[Sentinel, int]:
    """Token ids of the sentinels that a model has.

    Raises:
        InklingError: it has none to fill in the middle with, or wants the suffix first.
    """
    named = _named(metadata)
    if all(sentinel in named for sentinel in REQUIRED_FOR_FIM):
        return named
    ids = {text: token for token, text in enumerate(metadata.tokens)}
    for text, family in _SUFFIX_FIRST.items():
        if text in ids:
            raise InklingError(
                f"Models of the family {family} want the suffix before the prefix, "
                "which Inkling's prompt doesn't offer.",
                "Choose another model; 'inkling model list' has some.",
            )
    known = max(FAMILIES, key=lambda family: sum(text in ids for text in _texts(family).values()))
    found = {sentinel: ids[text] for sentinel, text in _texts(known).items() if text in ids}
    if not all(sentinel in found for sentinel in REQUIRED_FOR_FIM):
        raise InklingError(
            "The model has no tokens to fill in the middle with.",
            "Choose a model that was trained with fill-in-the-middle.",
        )
    return {**found, **named}


def _texts(family: Family) -> dict[Sentinel, str]:
    texts = {
        Sentinel.PREFIX: family.prefix,
        Sentinel.SUFFIX: family.suffix,
        Sentinel.MIDDLE: family.middle,
        Sentinel.REPO: family.repo,
        Sentinel.FILE: family.file,
    }
    return {sentinel: text for sentinel, text in texts.items() if text}


def _named(metadata: GgufMetadata) -> dict[Sentinel, int]:
    found: dict[Sentinel, int] = {}
    for sentinel, names in _KEYS.items():
        for name in names:
            token = metadata.values.get(f"tokenizer.ggml.{name}_token_id")
            if isinstance(token, int) and not isinstance(token, bool) and sentinel not in found:
                found[sentinel] = token
    return found
