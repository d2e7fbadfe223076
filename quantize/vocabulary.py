"""The tokenizer of a checkpoint, checked to be one that llama.cpp reads exactly the same.

llama.cpp splits text by a named rule, not by what `tokenizer.json` says. Its rule "starcoder"
equals single digits, then GPT-2's byte-level split; every other tokenizer is refused here, since
it would load and then silently see other tokens than the model was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inkling.errors import InklingError
from inkling.layout import REQUIRED_FOR_FIM, Sentinel

PRE_TOKENIZER = "starcoder"
REQUIRED = (*REQUIRED_FOR_FIM, Sentinel.END)

REMEDY = "Use a tokenizer that 'python -m pretrain' trained."


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in order of id, as GGUF stores them.

    Attributes:
        tokens: byte-level text of every token.
        special: ids that only the layout may produce.
        merges: BPE merges in order of rank, each two tokens joined by a space.
        sentinel_ids: what of the layout the tokenizer has.
    """

    tokens: tuple[str, ...]
    special: frozenset[int]
    merges: tuple[str, ...]
    sentinel_ids: dict[Sentinel, int]


def parse_vocabulary(tokenizer: dict[str, Any]) -> Vocabulary:
    """Parse the content of `tokenizer.json`.

    Raises:
        InklingError: if llama.cpp would make other tokens of some text, or a sentinel is missing.
    """
    try:
        _check_pipeline(tokenizer)
        return _read_tokens(tokenizer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InklingError(f"The file tokenizer.json is damaged: {error!r}.", REMEDY) from error


def _check_pipeline(tokenizer: dict[str, Any]) -> None:
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
    if tokenizer.get("normalizer") is not None:
        raise InklingError("The tokenizer normalizes text before it splits it.", REMEDY)
    if not _splits_like_starcoder(tokenizer.get("pre_tokenizer")):
        raise InklingError(
            "The tokenizer doesn't split text into single digits and then by bytes, "
            f"so llama.cpp's rule '{PRE_TOKENIZER}' would give other tokens.",
            REMEDY,
        )
    if (tokenizer.get("decoder") or {}).get("type") != "ByteLevel":
        raise InklingError("The tokenizer's decoder is not byte-level.", REMEDY)


def _splits_like_starcoder(rule: dict[str, Any] | None) -> bool:
    if rule is None or rule.get("type") != "Sequence" or len(rule["pretokenizers"]) != 2:
        return False
    digits, by_bytes = rule["pretokenizers"]
    return (
        digits["type"] == "Digits"
        and digits["individual_digits"] is True
        and by_bytes["type"] == "ByteLevel"
        and by_bytes["add_prefix_space"] is False
        and by_bytes.get("use_regex", True) is True
    )


def _read_tokens(tokenizer: dict[str, Any]) -> Vocabulary:
    by_id = {int(token_id): text for text, token_id in tokenizer["model"]["vocab"].items()}
    special = set()
    for added in tokenizer.get("added_tokens", ()):
        if not added["special"]:
            raise InklingError(
                f"The tokenizer's added token {added['content']!r} is not special, "
                "so text could produce it.",
                REMEDY,
            )
        by_id[added["id"]] = added["content"]
        special.add(added["id"])
    if sorted(by_id) != list(range(len(by_id))):
        raise InklingError("The tokenizer's ids have gaps.", REMEDY)
    tokens = tuple(by_id[token_id] for token_id in range(len(by_id)))
    known = {text for token_id, text in by_id.items() if token_id not in special}
    if missing := byte_alphabet() - known:
        raise InklingError(
            f"The tokenizer can't write every byte: {len(missing)} of 256 have no token.", REMEDY
        )
    merges = tuple(
        merge if isinstance(merge, str) else " ".join(merge)
        for merge in tokenizer["model"]["merges"]
    )
    for merge in merges:
        left, right = merge.split(" ")
        if not {left, right, left + right} <= known:
            raise InklingError(f"The tokenizer's merge {merge!r} names an unknown token.", REMEDY)
    return Vocabulary(tokens, frozenset(special), merges, _find_sentinels(tokens, special))


def _find_sentinels(tokens: tuple[str, ...], special: set[int]) -> dict[Sentinel, int]:
    ids = {tokens[token_id]: token_id for token_id in special}
    for sentinel in REQUIRED:
        if sentinel.value not in ids:
            raise InklingError(
                f"The tokenizer has no special token {sentinel.value}.",
                "Only models that were trained with Inkling's prompt layout can be exported.",
            )
    return {sentinel: ids[sentinel.value] for sentinel in Sentinel if sentinel.value in ids}


def byte_alphabet() -> set[str]:
    """The 256 characters that stand for bytes in GPT-2's byte-level vocabulary.

    Printable Latin-1 stands for itself; the other bytes are shifted to U+0100 and above
    (`bytes_to_unicode` of openai/gpt-2, encoder.py).
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(256) if byte not in printable)
    return {chr(byte) for byte in printable} | {chr(256 + rank) for rank, _ in enumerate(others)}
