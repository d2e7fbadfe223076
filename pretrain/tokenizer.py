"""The tokenizer: byte-level BPE with single digits, and the sentinels of the layout.

`Digits(individual_digits=True)` then `ByteLevel` is exactly what llama.cpp calls the `starcoder`
pre-tokenizer, so the exported model tokenizes as it was trained.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from inkling.errors import InklingError
from inkling.layout import Sentinel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from transformers import PreTrainedTokenizerFast

MIN_VOCABULARY = 256 + len(Sentinel)
SPECIAL_TOKENS = [sentinel.value for sentinel in Sentinel]


def train_tokenizer(texts: Iterable[str], vocabulary: int, *, progress: bool = False) -> Tokenizer:
    """Train byte-level BPE on `texts`; the sentinels take the first ids.

    Args:
        vocabulary: number of entries, sentinels and the 256 bytes included.
    """
    if vocabulary < MIN_VOCABULARY:
        raise InklingError(
            f"A vocabulary of {vocabulary} has no room for the bytes and the special tokens.",
            f"Choose at least {MIN_VOCABULARY}.",
        )
    tokenizer = byte_level(Tokenizer(models.BPE()))
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL_TOKENS],
        show_progress=progress,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return without_special_tokens(tokenizer)


def byte_level(tokenizer: Tokenizer) -> Tokenizer:
    """Give it the pre-tokenizer and the decoder that all our models have."""
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def without_special_tokens(tokenizer: Tokenizer) -> Tokenizer:
    """Make text that spells a sentinel encode as ordinary bytes. Not stored in the file."""
    tokenizer.encode_special_tokens = True
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """Read `tokenizer.json`, with special tokens off and text left as it is.

    A model from elsewhere may bring a normalizer, which llama.cpp doesn't apply, and sentinels that
    aren't marked as special, so text could spell them.
    """
    try:
        described = json.loads(path.read_bytes())
        described["normalizer"] = None
        for added in described.get("added_tokens") or ():
            added["special"] = True
        return without_special_tokens(Tokenizer.from_str(json.dumps(described)))
    except Exception as error:  # the library raises plain Exception
        raise InklingError(
            f"The tokenizer {path} can't be read: {error}.", "Train it again."
        ) from error


def sentinel_ids(tokenizer: Tokenizer) -> dict[Sentinel, int]:
    """Token id of each sentinel that the tokenizer has."""
    ids = {sentinel: tokenizer.token_to_id(sentinel.value) for sentinel in Sentinel}
    return {sentinel: number for sentinel, number in ids.items() if number is not None}


def as_pretrained(
    tokenizer: Tokenizer, ids: Mapping[Sentinel, int] | None = None
) -> PreTrainedTokenizerFast:
    """The same tokenizer as transformers wants it in a checkpoint folder.

    Args:
        ids: of the sentinels, if they aren't our own.
    """
    from transformers import PreTrainedTokenizerFast

    ids = sentinel_ids(tokenizer) if ids is None else ids
    texts = {sentinel: tokenizer.id_to_token(number) for sentinel, number in ids.items()}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=texts[Sentinel.END],
        eos_token=texts[Sentinel.END],
        pad_token=texts[Sentinel.PAD],
        extra_special_tokens=[
            texts[s] for s in Sentinel if s in texts and s not in (Sentinel.END, Sentinel.PAD)
        ],
        clean_up_tokenization_spaces=False,
        split_special_tokens=True,
    )
