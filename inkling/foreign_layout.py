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
    from collections.abc import Mapping

    from inkling.gguf_metadata import GgufMetadata

FOREIGN_CONTEXT = 4096
"""Tokens of context for a model that says only how far its positions reach: more would cost memory
that a completion seldom needs."""

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
    end: str = "<|endoftext|>"
    pad: str = ""

    @property
    def texts(self) -> dict[Sentinel, str]:
        """What of the layout the family has."""
        texts = {
            Sentinel.PREFIX: self.prefix,
            Sentinel.SUFFIX: self.suffix,
            Sentinel.MIDDLE: self.middle,
            Sentinel.REPO: self.repo,
            Sentinel.FILE: self.file,
            Sentinel.END: self.end,
            Sentinel.PAD: self.pad,
        }
        return {sentinel: text for sentinel, text in texts.items() if text}


FAMILIES = (
    Family("StarCoder, StarCoder2, Granite", "<fim_prefix>", "<fim_suffix>", "<fim_middle>",
           "<repo_name>", "<file_sep>", pad="<fim_pad>"),
    Family("SantaCoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>", pad="<fim-pad>"),
    Family("Qwen2.5-Coder", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>",
           "<|repo_name|>", "<|file_sep|>", pad="<|fim_pad|>"),
    Family("CodeGemma", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "",
           "<|file_separator|>", "<eos>"),
    Family("DeepSeek-Coder", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>",
           end="<｜end▁of▁sentence｜>"),
    Family("CodeLlama", "▁<PRE>", "▁<SUF>", "▁<MID>", end="</s>"),
)  # fmt: skip
"""The first is our own models', too."""
_SUFFIX_FIRST = {"[SUFFIX]": "Codestral", "<[fim-suffix]>": "Seed-Coder"}


def sentinel_ids(metadata: GgufMetadata) -> dict[Sentinel, int]:
    """Token ids of the sentinels that a model has.

    Raises:
        InklingError: it has none to fill in the middle with, or wants the suffix first.
    """
    named = _named(metadata)
    if all(sentinel in named for sentinel in REQUIRED_FOR_FIM):
        return named
    return {**family_ids({text: token for token, text in enumerate(metadata.tokens)}), **named}


def family_ids(ids: Mapping[str, int]) -> dict[Sentinel, int]:
    """Token ids of the sentinels of the family that a vocabulary is of.

    Args:
        ids: text of a token → its id.

    Raises:
        InklingError: it is of none, or of one that wants the suffix first.
    """
    for text, name in _SUFFIX_FIRST.items():
        if text in ids:
            raise InklingError(
                f"Models of the family {name} want the suffix before the prefix, "
                "which Inkling's prompt doesn't offer.",
                "Choose another model; 'inkling model list' has some.",
            )
    family = max(FAMILIES, key=lambda family: sum(text in ids for text in family.texts.values()))
    found = {sentinel: ids[text] for sentinel, text in family.texts.items() if text in ids}
    if missing := [family.texts[s] for s in REQUIRED_FOR_FIM if s not in found]:
        raise InklingError(
            f"The model has no tokens to fill in the middle with: it lacks {', '.join(missing)}.",
            "Choose a model that was trained with fill-in-the-middle.",
        )
    return found


def _named(metadata: GgufMetadata) -> dict[Sentinel, int]:
    found: dict[Sentinel, int] = {}
    for sentinel, names in _KEYS.items():
        for name in names:
            token = metadata.values.get(f"tokenizer.ggml.{name}_token_id")
            if isinstance(token, int) and not isinstance(token, bool) and sentinel not in found:
                found[sentinel] = token
    return found
