"""The metadata of a GGUF file, read without llama.cpp and without the tensors.

Layout: magic, version, counts, then key, type and value of each entry (the GGUF specification of
ggml, version 2 and 3, little-endian).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError

if TYPE_CHECKING:
    from pathlib import Path

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
            12: "d"}  # fmt: skip
_STRING, _ARRAY = 8, 9
LANGUAGES_KEY = "inkling.languages"
"""Of our own models: the languages that they were trained on."""
_MOST_ENTRIES = 1_000_000


@dataclass(frozen=True)
class GgufMetadata:
    """Entries by their key. Arrays are tuples."""

    values: dict[str, Any]

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    @property
    def context_size(self) -> int | None:
        """Tokens that the model was trained on at once, if the file says so."""
        value = self.values.get(f"{self.architecture}.context_length")
        return value if isinstance(value, int) else None

    @property
    def languages(self) -> tuple[str, ...]:
        """Names of `inkling.languages` that the model was trained on; empty if it doesn't say."""
        found = self.values.get(LANGUAGES_KEY, ())
        return tuple(map(str, found)) if isinstance(found, tuple) else ()

    @property
    def tokens(self) -> tuple[str, ...]:
        """Texts of the vocabulary, by id."""
        found = self.values.get("tokenizer.ggml.tokens", ())
        return found if isinstance(found, tuple) else ()


def read_gguf_metadata(path: Path) -> GgufMetadata:
    """All entries of a file.

    Raises:
        InklingError: missing, not a GGUF file, or damaged.
    """
    try:
        with (
            path.open("rb") as handle,
            mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            return GgufMetadata(_Reader(data).entries())
    except (OSError, ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "its metadata is damaged"
        raise InklingError(
            f"The model {path} can't be read: {what}.", "Fetch the model again, or name another."
        ) from error


class _Reader:
    """A cursor over the file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def entries(self) -> dict[str, Any]:
        if self._data[:4] != b"GGUF":
            raise ValueError("not a GGUF file")
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version}")
        self._number("Q")  # tensors
        count = self._count()
        return {self._text(): self._value(self._number("I")) for _ in range(count)}

    def _number(self, kind: str) -> Any:
        size = struct.calcsize(kind)
        (value,) = struct.unpack("<" + kind, self._data[self._at : self._at + size])
        self._at += size
        return value

    def _count(self) -> int:
        count: int = self._number("Q")
        if count > _MOST_ENTRIES:
            raise ValueError("an impossible count")
        return count

    def _text(self) -> str:
        length: int = self._number("Q")
        data = self._data[self._at : self._at + length]
        if len(data) != length:
            raise ValueError("cut off")
        self._at += length
        return data.decode("utf-8", "replace")

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            inner = self._number("I")
            if inner == _ARRAY:
                raise ValueError("an array of arrays")
            return tuple(self._value(inner) for _ in range(self._count()))
        return self._number(_SCALARS[kind]) if kind in _SCALARS else self._unknown(kind)

    def _unknown(self, kind: int) -> Any:
        raise ValueError(f"a value of type {kind}")
