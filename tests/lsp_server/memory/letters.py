"""A vocabulary whose tokens are words and signs, so that the tests can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOKEN = re.compile(r" ?\w+|\s|[^\w\s]")


class Words:
    """Tokens are numbered as they are met."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._pieces: list[bytes] = []

    def encode(self, text: str) -> list[int]:
        return [self._id(token) for token in _TOKEN.findall(text)]

    def piece(self, token: int) -> bytes:
        return self._pieces[token]

    def starting_with(self, start: bytes) -> NDArray[np.int64]:
        found = [n for n, piece in enumerate(self._pieces) if piece.startswith(start)]
        return np.array(found, dtype=np.int64)

    def text(self, ids: NDArray[np.uint32]) -> str:
        known = (int(token) for token in ids if token < len(self._pieces))
        return b"".join(self._pieces[token] for token in known).decode()

    def _id(self, token: str) -> int:
        if token not in self._ids:
            self._ids[token] = len(self._pieces)
            self._pieces.append(token.encode())
        return self._ids[token]
