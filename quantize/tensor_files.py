"""Weights of a checkpoint, read from safetensors one tensor at a time, as float32.

`safetensors` checks the files; the bytes are memory-mapped here, because its NumPy front end
knows no bfloat16.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
STORED_TYPES = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}

REMEDY = "Train the model again, or copy the whole checkpoint folder."


@dataclass(frozen=True)
class StoredTensor:
    """Where one tensor lies: `offset` in bytes from the start of `path`."""

    path: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class TensorFiles:
    """All tensors of a checkpoint by name; opening reads only the headers."""

    stored: dict[str, StoredTensor]

    @classmethod
    def open(cls, folder: Path) -> TensorFiles:
        """Index one safetensors file or the parts that an index names.

        Raises:
            InklingError: missing, truncated or damaged files, or weights of another number type.
        """
        stored: dict[str, StoredTensor] = {}
        for path in _parts(folder):
            stored.update(_index(path))
        for name, tensor in stored.items():
            if tensor.dtype not in STORED_TYPES:
                raise InklingError(
                    f"The weights {name} are stored as {tensor.dtype}.",
                    f"Save the model as one of: {', '.join(STORED_TYPES)}.",
                )
        return cls(stored)

    def load(self, name: str) -> NDArray[np.float32]:
        """One tensor as float32, in the row-major shape that PyTorch gave it."""
        tensor = self.stored[name]
        raw: NDArray[Any] = np.memmap(
            tensor.path,
            dtype=STORED_TYPES[tensor.dtype],
            mode="r",
            offset=tensor.offset,
            shape=tensor.shape,
        )
        if tensor.dtype == "BF16":  # the upper half of a float32
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(np.float32)


def _parts(folder: Path) -> list[Path]:
    if (folder / INDEX_FILE).is_file():
        try:
            index = json.loads((folder / INDEX_FILE).read_bytes())
            return sorted({folder / name for name in index["weight_map"].values()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InklingError(f"The file {folder / INDEX_FILE} is damaged.", REMEDY) from error
    return [folder / SINGLE_FILE]


def _index(path: Path) -> dict[str, StoredTensor]:
    safetensors = require("safetensors", "train")
    if not path.is_file():
        raise InklingError(f"The checkpoint lacks its weights {path}.", REMEDY)
    try:
        with safetensors.safe_open(path, framework="numpy"):
            pass  # checks the header, and that the file is as long as it says
    except (OSError, safetensors.SafetensorError) as error:
        raise InklingError(f"The weights {path} are damaged: {error}.", REMEDY) from error
    with path.open("rb") as handle:
        header_length = int.from_bytes(handle.read(8), "little")
        header = json.loads(handle.read(header_length))
    return {
        name: StoredTensor(
            path,
            entry["dtype"],
            tuple(entry["shape"]),
            8 + header_length + entry["data_offsets"][0],
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
