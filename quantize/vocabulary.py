"""The tokenizer of a checkpoint, checked to be one that llama.cpp reads exactly the same.

Byte-level BPE with a rule of `pre_tokenizers` is taken, our own or a known family's from the hub;
every other tokenizer is refused here. Two things are read differently than transformers would:
a normalizer to NFC is set aside, as llama.cpp does it, and no text can produce an added token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError
from inkling.foreign_layout import family_ids
from inkling.layout import Sentinel
from quantize.pre_tokenizers import RULES, rule_name

if TYPE_CHECKING:
    from collections.abc import Mapping

REMEDY = "Use a tokenizer that 'python -m pretrain' trained, or that of a known code model."
_LOOKS_SPECIAL = re.compile(r"<.+>|\[.+\]", re.DOTALL)


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in order of id, as GGUF stores them.

    Attributes:
        tokens: byte-level text of every token.
        special: ids that only the layout may produce.
        merges: BPE merges in order of rank, each two tokens joined by a space.
        sentinel_ids: what of the layout the tokenizer has.
        pre_tokenizer: llama.cpp's name for how it splits text.
        begin_ids: what every sequence begins with.
    """

    tokens: tuple[str, ...]
    special: frozenset[int]
    merges: tuple[str, ...]
    sentinel_ids: dict[Sentinel, int]
    pre_tokenizer: str
    begin_ids: tuple[int, ...] = ()


def parse_vocabulary(
    tokenizer: dict[str, Any], settings: Mapping[str, Any] | None = None
) -> Vocabulary:
    """Parse the content of `tokenizer.json`.

    Args:
        settings: content of `tokenizer_config.json`, if there is one.

    Raises:
        InklingError: if llama.cpp would make other tokens of some text, or a sentinel is missing.
    """
    try:
        return _read_tokens(tokenizer, _check_pipeline(tokenizer), settings or {})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InklingError(f"The file tokenizer.json is damaged: {error!r}.", REMEDY) from error


def _check_pipeline(tokenizer: dict[str, Any]) -> str:
    """llama.cpp's name of the pre-tokenizer."""
    model = tokenizer["model"]
    if model["type"] != "BPE":
        raise InklingError(f"The tokenizer's model is {model['type']}, not BPE.", REMEDY)
    for option in (
        "dropout",
        "continuing_subword_prefix",
        "end_of_word_suffix",
        "byte_fallback",
        "ignore_merges",
    ):
        if model.get(option):
            raise InklingError(f"The tokenizer's BPE model has the option '{option}'.", REMEDY)
    normalizer = tokenizer.get("normalizer")
    if normalizer is not None and normalizer["type"] != "NFC":
        raise InklingError("The tokenizer normalizes text before it splits it.", REMEDY)
    rule = rule_name(tokenizer.get("pre_tokenizer"))
    if rule is None:
        raise InklingError(
            "The tokenizer splits text in a way that llama.cpp would not follow exactly; "
            f"the rules known are {', '.join(RULES)}.",
            REMEDY,
        )
    if (tokenizer.get("decoder") or {}).get("type") != "ByteLevel":
        raise InklingError("The tokenizer's decoder is not byte-level.", REMEDY)
    return rule


def _read_tokens(
    tokenizer: dict[str, Any], pre_tokenizer: str, settings: Mapping[str, Any]
) -> Vocabulary:
    by_id = {int(token_id): text for text, token_id in tokenizer["model"]["vocab"].items()}
    special: dict[int, str] = {}
    for added in tokenizer.get("added_tokens", ()):
        if not _only_the_layout_makes(added):
            raise InklingError(
                f"The tokenizer's added token {added['content']!r} is not special, "
                "so text could produce it.",
                REMEDY,
            )
        special[added["id"]] = added["content"]
    by_id |= special
    if sorted(by_id) != list(range(len(by_id))):
        raise InklingError("The tokenizer's ids have gaps.", REMEDY)
    tokens = tuple(by_id[token_id] for token_id in range(len(by_id)))
    known = {text for token_id, text in by_id.items() if token_id not in special}
    if missing := _bytes_of_text() - known:
        raise InklingError(
            f"The tokenizer can't write every byte: {len(missing)} of 256 have no token.", REMEDY
        )
    ids = {text: token_id for token_id, text in special.items()}
    return Vocabulary(
        tokens,
        frozenset(special),
        _read_merges(tokenizer["model"]["merges"], known),
        _find_sentinels(ids),
        pre_tokenizer,
        _find_beginning(tokenizer, ids, settings),
    )


def _only_the_layout_makes(added: dict[str, Any]) -> bool:
    """Whether an added token is kept out of text: a sentinel, though Qwen2.5's aren't marked as
    special, or a byte that no UTF-8 text holds, as DeepSeek-Coder has some."""
    text = added["content"]
    return bool(
        added["special"]
        or _LOOKS_SPECIAL.fullmatch(text)
        or text in byte_alphabet() - _bytes_of_text()
    )


def _read_merges(merges: list[Any], known: set[str]) -> tuple[str, ...]:
    joined = tuple(merge if isinstance(merge, str) else " ".join(merge) for merge in merges)
    for merge in joined:
        left, right = merge.split(" ")
        if not (left in known and right in known and left + right in known):
            raise InklingError(f"The tokenizer's merge {merge!r} names an unknown token.", REMEDY)
    return joined


def _find_sentinels(ids: Mapping[str, int]) -> dict[Sentinel, int]:
    found = family_ids(ids)
    if Sentinel.END not in found:
        raise InklingError(
            "The tokenizer has no special token that ends a text.",
            "Choose a model that was trained with fill-in-the-middle.",
        )
    return {sentinel: found[sentinel] for sentinel in Sentinel if sentinel in found}


def _find_beginning(
    tokenizer: dict[str, Any], ids: Mapping[str, int], settings: Mapping[str, Any]
) -> tuple[int, ...]:
    """What the tokenizer puts in front of every text; `tokenizer_config.json` has the last word."""
    wanted = settings.get("add_bos_token")
    if wanted is None:
        text = _template_start(tokenizer.get("post_processor") or {})
    else:
        token = settings.get("bos_token") if wanted else None
        text = token.get("content") if isinstance(token, dict) else token
    if text is None:
        return ()
    if text not in ids:
        raise InklingError(f"The tokenizer begins texts with {text!r}, which it lacks.", REMEDY)
    return (ids[text],)


def _template_start(processor: dict[str, Any]) -> str | None:
    """The special token before a text in a template of `tokenizer.json`."""
    if processor.get("type") == "Sequence":
        starts = map(_template_start, processor["processors"])
        return next((start for start in starts if start is not None), None)
    if processor.get("type") != "TemplateProcessing":
        return None
    first = processor["single"][0].get("SpecialToken")
    return None if first is None else str(first["id"])


def _bytes_of_text() -> set[str]:
    """What of `byte_alphabet` UTF-8 can hold: it has no use for 13 bytes."""
    never = {0xC0, 0xC1, *range(0xF5, 0x100)}
    return byte_alphabet() - {chr(byte) for byte in never}


def byte_alphabet() -> set[str]:
    """The 256 characters that stand for bytes in GPT-2's byte-level vocabulary.

    Printable Latin-1 stands for itself; the other bytes are shifted to U+0100 and above
    (`bytes_to_unicode` of openai/gpt-2, encoder.py).
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    return {chr(byte) for byte in printable} | {chr(256 + rank) for rank, _ in enumerate(others)}
