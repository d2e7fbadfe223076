"""From documents to token sequences: pieces that fit the window, with or without a hole.

Every choice is drawn from a generator seeded by the document's id and the epoch, so the data are
the same on every machine, in any order, and after every restart.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inkling.layout import (
    Sentinel,
    document_segments,
    encode_segments,
    fim_example_segments,
)
from pretrain.fim import FimMix, Hole, cut_hole, fim_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tokenizers import Tokenizer

    from curation.corpus import CorpusDocument
    from inkling.layout import FimContext, Snippet

_OVERHEAD_TOKENS = 64
"""Room for sentinels and path, and for tokens that a cut splits in two."""


@dataclass(frozen=True)
class ExampleOptions:
    """How documents become examples.

    Attributes:
        window: most tokens of an example.
        mix: the kinds of holes.
        repo_share: share of documents that carry `<repo_name>`; StarCoder2 used one half.
        snippet_tokens: room left for parts of other files.
    """

    window: int = 1024
    mix: FimMix = field(default_factory=FimMix)
    repo_share: float = 0.5
    snippet_tokens: int = 0


@dataclass(frozen=True)
class Piece:
    """A part of a document that fits a window; it begins at the character `start`."""

    text: str
    document: CorpusDocument
    start: int


def alone(_context: FimContext, _document: CorpusDocument) -> tuple[Snippet, ...]:
    """No parts of other files."""
    return ()


def cut_anywhere(piece: Piece, mix: FimMix, rng: random.Random) -> Hole | None:
    """A hole in any line of the piece."""
    return cut_hole(piece.text, mix, rng, piece.document.language)


@dataclass(frozen=True)
class ExampleMaker:
    """Turns documents into token sequences of at most `options.window` tokens.

    Attributes:
        cut: chooses the hole of a piece that gets one; None if it has no place for it.
        surround: chooses parts of other files for a hole, of at most `options.snippet_tokens`.
        begin_ids: what every example begins with, if the model wants that.
    """

    tokenizer: Tokenizer
    sentinel_ids: Mapping[Sentinel, int]
    options: ExampleOptions
    cut: Callable[[Piece, FimMix, random.Random], Hole | None] = cut_anywhere
    surround: Callable[[FimContext, CorpusDocument], tuple[Snippet, ...]] = alone
    begin_ids: tuple[int, ...] = ()

    def encode(self, text: str) -> list[int]:
        """Token ids of a text; sentinels that it spells stay text."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def examples(self, document: CorpusDocument, epoch: int = 0) -> Iterator[list[int]]:
        """The document's examples for one epoch."""
        rng = random.Random(f"{document.id}:{epoch}")
        repo = document.repo if rng.random() < self.options.repo_share else None
        spent = _OVERHEAD_TOKENS + self.options.snippet_tokens + len(self.encode(document.path))
        room = self.options.window - spent
        if room < self.options.window // 4:
            return  # an absurdly long path
        start = 0
        for text in split_into_pieces(document.text, self._token_starts(document.text), room):
            ids = self._example(Piece(text, document, start), repo, rng)
            start += len(text)
            if len(ids) <= self.options.window:
                yield ids

    def _token_starts(self, text: str) -> list[int]:
        """Character offset at which each token of the text starts."""
        return [start for start, _ in self.tokenizer.encode(text, add_special_tokens=False).offsets]

    def _example(self, piece: Piece, repo: str | None, rng: random.Random) -> list[int]:
        mix, path = self.options.mix, piece.document.path
        hole = self.cut(piece, mix, rng) if rng.random() < mix.rate else None
        if hole is None:
            segments = document_segments(piece.text, path, repo)
        else:
            context, middle = fim_context(piece.text, hole, path, repo)
            context = replace(context, snippets=self.surround(context, piece.document))
            segments = fim_example_segments(context, middle)
        return [*self.begin_ids, *encode_segments(segments, self.encode, self.sentinel_ids)]


def split_into_pieces(text: str, token_starts: Sequence[int], room: int) -> Iterator[str]:
    """Cut a text at line starts into pieces of at most about `room` tokens; together they are it.

    A single line that is longer is cut where its tokens run out.

    Args:
        token_starts: ascending character offsets at which the text's tokens start.
    """
    start = 0
    while start < len(text):
        first_token = bisect_right(token_starts, start) - 1
        last_token = first_token + room
        if last_token >= len(token_starts):
            yield text[start:]
            return
        limit = token_starts[last_token]
        newline = text.rfind("\n", start, limit)
        end = newline + 1 if newline > start else max(limit, start + 1)
        yield text[start:end]
        start = end
