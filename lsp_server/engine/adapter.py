"""A LoRA adapter on top of a loaded model: a GGUF file that llama.cpp takes or refuses."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import llama_cpp

from inkling.bundle import ADAPTER_NAME
from inkling.errors import InklingError
from inkling.gguf_metadata import read_gguf_metadata
from inkling.lineage import LINEAGE_KEY, lineage_of
from lsp_server.engine import native

if TYPE_CHECKING:
    from pathlib import Path

    from lsp_server.engine.model import Model

_MAGIC = b"GGUF"
_REMEDY = "Name an adapter that was tuned from this very model."


class Adapter:
    """A loaded adapter; `close` frees it, which its model must outlive.

    Raises:
        InklingError: missing, damaged, or made for another model.
    """

    def __init__(self, model: Model, path: Path) -> None:
        self.path = path / ADAPTER_NAME if path.is_dir() else path
        _require_gguf(self.path)
        _require_lineage(self.path, model)
        native.forget_errors()
        self.pointer: Any = llama_cpp.llama_adapter_lora_init(model.pointer, os.fsencode(self.path))
        if not self.pointer:
            reason = native.first_error() or "llama.cpp gives no reason"
            raise InklingError(
                f"The adapter {self.path} doesn't fit the model {model.bundle.name}: "
                f"{reason.rstrip('.')}.",
                _REMEDY,
            )

    def close(self) -> None:
        if self.pointer:
            llama_cpp.llama_adapter_lora_free(self.pointer)
            self.pointer = None


def _require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as handle:
            magic = handle.read(len(_MAGIC))
    except OSError as error:
        raise InklingError(
            f"The adapter {path} can't be read: {error.strerror}.",
            f"Name a GGUF file or a folder that holds {ADAPTER_NAME}.",
        ) from error
    if magic != _MAGIC:
        raise InklingError(
            f"The adapter {path} is not a GGUF file.",
            "Convert it for llama.cpp, or name another one.",
        )


def _require_lineage(path: Path, model: Model) -> None:
    """Raise InklingError if the adapter says that it belongs to other weights of the same shape."""
    wanted = read_gguf_metadata(path).values.get(LINEAGE_KEY)
    found = lineage_of(model.bundle.model_path)
    if wanted is not None and found is not None and wanted != found:
        raise InklingError(
            f"The adapter {path} doesn't fit the model {model.bundle.name}: it was tuned from "
            "other weights.",
            _REMEDY,
        )
