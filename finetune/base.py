"""The base checkpoint; refused before any work if it couldn't be tuned, or the result exported."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from finetune.from_bundle import FROM_BUNDLE, checkpoint_from_bundle
from finetune.surround import Surround
from inkling import bundle
from inkling.atomic import sha256_file
from inkling.checkpoint import MANIFEST_NAME, read_checkpoint_manifest
from inkling.context import LINES_ABOVE
from inkling.errors import InklingError
from inkling.layout import Sentinel
from inkling.snippets import snippet_room
from pretrain.examples import ExampleMaker, ExampleOptions, cut_anywhere
from pretrain.fim import FimMix
from pretrain.tokenizer import as_pretrained, load_tokenizer
from quantize.checkpoint_reader import open_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    from curation.corpus import CorpusDocument
    from inkling.checkpoint import CheckpointManifest
    from pretrain.examples import Piece
    from pretrain.fim import Hole
    from quantize.vocabulary import Vocabulary

    Cut = Callable[[Piece, FimMix, Random], Hole | None]

_TAKEN_OVER = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "chat_template.jinja", "LICENSE*",
)  # fmt: skip

_SNIPPET_SHARE = 4
"""At most one in so many tokens of a window is of other files."""
_LEAST_SNIPPETS = 128
"""Tokens; in less room a part of another file says nothing."""

_NO_TEXT = "\u00ff"
"""The byte FF, which UTF-8 has no use for, as byte-level tokenizers write it."""

SERVED_MIX = FimMix(
    rate=0.8,
    block_end=0.25,
    node_end=0.15,
    lines_above=0.9,
    min_lines_above=LINES_ABOVE,
    max_lines_above=LINES_ABOVE + 4,
    bare=0.05,
)
"""Holes as the server asks: some whole lines stand between anchor and cursor, more of them while
one types on."""


@dataclass(frozen=True)
class Base:
    """An opened base.

    Attributes:
        sentinel_ids: what of the layout the tokenizer has, and something to pad windows with.
        begin_ids: what every prompt begins with, as the server's.
        token_bytes: bytes of text that each token stands for, 0 for special ones; shape
            (vocabulary,).
    """

    folder: Path
    manifest: CheckpointManifest
    tokenizer: Tokenizer
    sentinel_ids: dict[Sentinel, int]
    token_bytes: np.ndarray
    begin_ids: tuple[int, ...] = ()

    @property
    def pad(self) -> int:
        return self.sentinel_ids[Sentinel.PAD]

    def example_maker(self, window: int, cut: Cut = cut_anywhere) -> ExampleMaker:
        """Makes examples of `window` tokens or what the base has seen, each from one file."""
        options = ExampleOptions(min(window, self.manifest.context_size), SERVED_MIX)
        return ExampleMaker(
            self.tokenizer, self.sentinel_ids, options, cut, begin_ids=self.begin_ids
        )

    def served_example_maker(
        self, window: int, cut: Cut, documents: Sequence[CorpusDocument]
    ) -> ExampleMaker:
        """The same with parts of other documents, if the server will put some into its prompts.

        Where the window is shorter than the prompts that are served, so are these parts.
        """
        maker = self.example_maker(window, cut)
        served = snippet_room(self.manifest.context_size)
        room = min(served, maker.options.window // _SNIPPET_SHARE)
        if room < _LEAST_SNIPPETS or Sentinel.FILE not in self.sentinel_ids:
            return maker
        surround = Surround(documents, room, lambda text: len(maker.encode(text)))
        return replace(
            maker, options=replace(maker.options, snippet_tokens=room), surround=surround
        )

    def write_tokenizer(self, folder: Path) -> None:
        """Put the tokenizer's own files, and the licence of the base, into another checkpoint."""
        for pattern in _TAKEN_OVER:
            for path in self.folder.glob(pattern):
                shutil.copyfile(path, folder / path.name)

    def pretrained_tokenizer(self) -> PreTrainedTokenizerFast:
        """The tokenizer as transformers wants it: text stays as it is, and is only text."""
        return as_pretrained(self.tokenizer, self.sentinel_ids)

    def identity(self) -> str:
        """Hex SHA-256 over manifest, tokenizer and weights."""
        described = (self.folder / MANIFEST_NAME).is_file()
        names = [MANIFEST_NAME if described else "config.json", "tokenizer.json"]
        names += sorted(path.name for path in self.folder.glob("*.safetensors"))
        hashes = "".join(sha256_file(self.folder / name) for name in names)
        return hashlib.sha256(hashes.encode()).hexdigest()


def as_checkpoint(given: Path | None, unpacked: Path) -> Path:
    """The checkpoint folder to start from: `given` itself, or what a bundle holds.

    Args:
        given: a checkpoint, a bundle or its GGUF file; None for the starter model.
        unpacked: where the checkpoint of a bundle is written to, unless it lies there already.

    Raises:
        InklingError: a bundle that can't be trained on.
    """
    source = bundle_of(given)
    if source is None:
        assert given is not None
        return given
    model = bundle.open_bundle(source)
    if model.manifest is not None and _was_unpacked(unpacked, model.manifest):
        return unpacked
    checkpoint_from_bundle(source, unpacked)
    return unpacked


def bundle_of(given: Path | None) -> Path | None:
    """The bundle folder or bare GGUF file that a base is, or None if it is a checkpoint."""
    source = bundle.STARTER_PATH if given is None else given
    if source.is_file():
        whole = (source.parent / bundle.MANIFEST_NAME).is_file()
        return source.parent if whole else source
    return source if (source / bundle.MANIFEST_NAME).is_file() else None


def _was_unpacked(folder: Path, manifest: bundle.BundleManifest) -> bool:
    try:
        training = read_checkpoint_manifest(folder).training
    except InklingError:
        return False
    return training.get(FROM_BUNDLE) == manifest.files[bundle.MODEL_NAME].sha256


def open_base(folder: Path) -> Base:
    """Open the checkpoint to start from.

    Raises:
        InklingError: it is missing, unfinished, damaged, or of a kind that can't be tuned.
    """
    checkpoint = open_checkpoint(folder)
    vocabulary = checkpoint.vocabulary
    pad = _padding(vocabulary)
    token_bytes = [
        # Byte-level: one character a byte.
        0 if number == pad or number in vocabulary.special else len(token)
        for number, token in enumerate(vocabulary.tokens)
    ]
    return Base(
        folder,
        checkpoint.manifest,
        load_tokenizer(folder / "tokenizer.json"),
        {Sentinel.PAD: pad, **vocabulary.sentinel_ids},
        np.array(token_bytes),
        vocabulary.begin_ids,
    )


def _padding(vocabulary: Vocabulary) -> int:
    """What windows are filled with: the byte that no text holds, if there is no token for it."""
    if Sentinel.PAD in vocabulary.sentinel_ids:
        return vocabulary.sentinel_ids[Sentinel.PAD]
    if _NO_TEXT not in vocabulary.tokens:
        raise InklingError(
            "The tokenizer has no token to fill windows with.",
            "Choose another base; 'inkling model list' has some.",
        )
    return vocabulary.tokens.index(_NO_TEXT)
