"""Quantizes a GGUF file by llama.cpp's own code, and reads back what it really did.

Rows that aren't a multiple of a type's block silently become another type (Q6_K turns into Q8_0
at a width of 384), so the file is asked, not the request.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import llama_cpp

from inkling.errors import InklingError, require
from inkling.settings import usable_cores
from quantize.interrupts import interrupts_held
from quantize.llama_log import llama_log

if TYPE_CHECKING:
    from pathlib import Path

    from quantize.file_types import FileType


@dataclass(frozen=True)
class EffectiveTypes:
    """What the weights of a GGUF file are stored as.

    Attributes:
        tensors: name → type of every tensor.
        bytes_by_type: type → bytes of all tensors of that type.
        fallbacks: name → type of the tensors whose rows don't fit the blocks of the type asked for.
    """

    tensors: dict[str, str]
    bytes_by_type: dict[str, int]
    fallbacks: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """For the manifest: types with their bytes, and the exceptions by name."""
        return {"effective": self.bytes_by_type, "fallbacks": self.fallbacks}


def quantize_gguf(
    source: Path, target: Path, file_type: FileType, *, verbose: bool = False
) -> None:
    """Quantize the unquantized GGUF file `source` into `target`.

    Raises:
        InklingError: with llama.cpp's reason if it fails.
    """
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = file_type.ftype
    parameters.nthread = usable_cores()
    with llama_log(verbose) as log, interrupts_held():
        status = llama_cpp.llama_model_quantize(
            str(source).encode(), str(target).encode(), ctypes.byref(parameters)
        )
    if status != 0:
        raise InklingError(
            f"llama.cpp could not quantize to {file_type.name}: {log.reason}.",
            "Try the type Q8_0, or F16 for no quantization.",
        )


def effective_types(path: Path, asked: FileType) -> EffectiveTypes:
    """Read from the GGUF file `path` which type each tensor has."""
    gguf = require("gguf", "train")
    tensors: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    fallbacks: dict[str, str] = {}
    for tensor in gguf.GGUFReader(path).tensors:
        kind = tensor.tensor_type.name
        tensors[tensor.name] = kind
        sizes[kind] += int(tensor.n_bytes)
        row_length = int(tensor.shape[0])
        if len(tensor.shape) > 1 and row_length % asked.block != 0:
            fallbacks[tensor.name] = kind
    return EffectiveTypes(tensors, dict(sizes.most_common()), fallbacks)
