"""The metadata of a GGUF file, and single tensors of it, read without llama.cpp.

Layout: magic, version, counts, then key, type and value of each entry, then name, shape, type and
place of each tensor, then the tensors (the GGUF specification of ggml, version 2 and 3,
little-endian).
"""

from __future__ import annotations

import math
import mmap
import struct
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
            12: "d"}  # fmt: skip
_STRING, _ARRAY = 8, 9
LANGUAGES_KEY = "inkling.languages"
"""Of our own models: the languages that they were trained on."""
_MOST_ENTRIES = 1_000_000
_MOST_DIMENSIONS = 4
_FLOAT32, _FLOAT32_BYTES = 0, 4
_ALIGNMENT = 32


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
    with _reader(path) as reader:
        return GgufMetadata(reader.entries())


def read_float32_tensor(path: Path, name: str) -> bytes | None:
    """The little-endian numbers of a tensor; None if it is missing or of another type.

    Raises:
        InklingError: missing, not a GGUF file, or damaged.
    """
    with _reader(path) as reader:
        return reader.float32_tensor(name)


@contextmanager
def _reader(path: Path) -> Iterator[_Reader]:
    try:
        with (
            path.open("rb") as handle,
            mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            yield _Reader(data)
    except (OSError, ValueError, struct.error, IndexError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "its metadata is damaged"
        raise InklingError(
            f"The model {path} can't be read: {what}.", "Fetch the model again, or name another."
        ) from error


@dataclass(frozen=True)
class _Tensor:
    """Its numbers are `count` of the type `kind`, `place` bytes after where tensors begin."""

    name: str
    count: int
    kind: int
    place: int


class _Reader:
    """A cursor over the file."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0
        self._tensors = 0

    def entries(self) -> dict[str, Any]:
        if self._data[:4] != b"GGUF":
            raise ValueError("not a GGUF file")
        self._at = 4
        version = self._number("I")
        if version not in (2, 3):
            raise ValueError(f"GGUF version {version}")
        self._tensors = self._count()
        count = self._count()
        return {self._text(): self._value(self._number("I")) for _ in range(count)}

    def float32_tensor(self, name: str) -> bytes | None:
        """The tensor's numbers, of a reader that has read nothing yet."""
        alignment = self.entries().get("general.alignment", _ALIGNMENT)
        found = [tensor for tensor in self._all_tensors() if tensor.name == name]
        if not found or found[0].kind != _FLOAT32:
            return None
        begin = -(-self._at // alignment) * alignment + found[0].place
        numbers = self._data[begin : begin + found[0].count * _FLOAT32_BYTES]
        if len(numbers) != found[0].count * _FLOAT32_BYTES:
            raise ValueError("cut off")
        return numbers

    def _all_tensors(self) -> list[_Tensor]:
        return [self._tensor() for _ in range(self._tensors)]

    def _tensor(self) -> _Tensor:
        name = self._text()
        dimensions = self._number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise ValueError("an impossible shape")
        count = math.prod(self._number("Q") for _ in range(dimensions))
        return _Tensor(name, count, self._number("I"), self._number("Q"))

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
