"""The model's tokens: text to ids, ids to bytes, sentinels, and search by first bytes."""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np

from inkling.layout import Sentinel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

_PIECE_BYTES = 256
_REMEMBERED_TEXTS = 64


class Vocabulary:
    """The vocabulary of a loaded model. Cheap to ask, and read-only.

    Args:
        pointer: `llama_vocab` of a model that outlives this object.
        fallback_ids: sentinels to take where the GGUF metadata names none.
    """

    def __init__(self, pointer: Any, fallback_ids: Mapping[Sentinel, int]) -> None:
        self._pointer = pointer
        self.size: int = llama_cpp.llama_vocab_n_tokens(pointer)
        named = {**fallback_ids, **_sentinels_of(pointer)}
        self.sentinel_ids = {s: token for s, token in named.items() if 0 <= token < self.size}
        self.stop_ids = frozenset(
            token
            for token in range(self.size)
            if llama_cpp.llama_vocab_is_eog(pointer, token)
            or llama_cpp.llama_vocab_is_control(pointer, token)
        )
        self._remembered = lru_cache(_REMEMBERED_TEXTS)(self._tokenize)
        self.begin_ids = (
            [llama_cpp.llama_vocab_bos(pointer)]
            if llama_cpp.llama_vocab_get_add_bos(pointer)
            else []
        )
        self._pieces = [self._read_piece(token) for token in range(self.size)]
        searchable = sorted(
            (piece, token)
            for token, piece in enumerate(self._pieces)
            if piece and token not in self.stop_ids
        )
        self._sorted_pieces = [piece for piece, _ in searchable]
        self._sorted_ids = np.array([token for _, token in searchable], dtype=np.int64)

    def encode(self, text: str) -> list[int]:
        """Ids of `text`, with special tokens off and none added.

        A lone surrogate, which no UTF-8 file can hold, is read as "?". The last texts are
        remembered: from key to key nearly all of a prompt's segments stay the same.
        """
        return list(self._remembered(text))

    def _tokenize(self, text: str) -> tuple[int, ...]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        buffer = (ctypes.c_int32 * room)()
        count = llama_cpp.llama_tokenize(self._pointer, data, len(data), buffer, room, False, False)
        if count < 0:
            buffer = (ctypes.c_int32 * -count)()
            count = llama_cpp.llama_tokenize(
                self._pointer, data, len(data), buffer, -count, False, False
            )
        return tuple(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token; empty for sentinels. They need not be whole characters."""
        return self._pieces[token]

    def join(self, tokens: Iterable[int]) -> bytes:
        """The bytes of some tokens, one after the other."""
        return b"".join(self._pieces[token] for token in tokens)

    def starting_with(self, start: bytes) -> NDArray[np.int64]:
        """Ids of the text tokens whose bytes start with `start`, which isn't empty."""
        low = bisect_left(self._sorted_pieces, start)
        after = _successor(start)
        high = bisect_left(self._sorted_pieces, after, low) if after else len(self._sorted_ids)
        return self._sorted_ids[low:high]

    def _read_piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        length = llama_cpp.llama_token_to_piece(
            self._pointer, token, buffer, _PIECE_BYTES, 0, False
        )
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = llama_cpp.llama_token_to_piece(self._pointer, token, buffer, -length, 0, False)
        return buffer.raw[:length]


def _successor(start: bytes) -> bytes:
    """The least byte string above all that start with `start`; empty if there is none."""
    stem = start.rstrip(b"\xff")
    return stem[:-1] + bytes([stem[-1] + 1]) if stem else b""


def _sentinels_of(pointer: Any) -> dict[Sentinel, int]:
    ids = {
        Sentinel.END: llama_cpp.llama_vocab_eos(pointer),
        Sentinel.PREFIX: llama_cpp.llama_vocab_fim_pre(pointer),
        Sentinel.SUFFIX: llama_cpp.llama_vocab_fim_suf(pointer),
        Sentinel.MIDDLE: llama_cpp.llama_vocab_fim_mid(pointer),
        Sentinel.PAD: llama_cpp.llama_vocab_fim_pad(pointer),
        Sentinel.REPO: llama_cpp.llama_vocab_fim_rep(pointer),
        Sentinel.FILE: llama_cpp.llama_vocab_fim_sep(pointer),
    }
    return {sentinel: token for sentinel, token in ids.items() if token >= 0}
