"""Load a bundle's model. A file that llama.cpp can't take is an `InklingError`, never a crash."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import llama_cpp

from inkling.errors import InklingError
from inkling.foreign_layout import FOREIGN_CONTEXT, sentinel_ids
from inkling.gguf_metadata import read_gguf_metadata
from inkling.layout import LAYOUT_VERSION, REQUIRED_FOR_FIM, Sentinel
from lsp_server.engine import native
from lsp_server.engine.vocabulary import Vocabulary

if TYPE_CHECKING:
    from inkling.bundle import Bundle


class Model:
    """A loaded model and its vocabulary; `close` frees the weights.

    Raises:
        InklingError: damaged or unsupported file, a layout of a newer Inkling, no FIM sentinels.
    """

    def __init__(self, bundle: Bundle, gpu_layers: int = 999) -> None:
        native.start_backend()
        self.bundle = bundle
        _check_layout(bundle)
        native.forget_errors()
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        self.pointer: Any = llama_cpp.llama_model_load_from_file(
            os.fsencode(bundle.model_path), parameters
        )
        if not self.pointer:
            reason = native.first_error() or "it gives no reason"
            raise InklingError(
                f"llama.cpp can't load {bundle.model_path}: {reason.rstrip('.')}.",
                "Fetch or build the model again, or name another one.",
            )
        try:
            self.vocabulary = Vocabulary(
                llama_cpp.llama_model_get_vocab(self.pointer), _manifest_sentinels(bundle)
            )
            self._require_fim()
        except BaseException:
            self.close()
            raise

    @property
    def trained_context(self) -> int:
        """Tokens of context that the model's positions reach to."""
        trained: int = llama_cpp.llama_model_n_ctx_train(self.pointer)
        return trained

    @property
    def bytes(self) -> int:
        """Size of the weights."""
        size: int = llama_cpp.llama_model_size(self.pointer)
        return size

    @property
    def context_size(self) -> int:
        """Tokens of context to use unless told otherwise."""
        manifest = self.bundle.manifest
        return min(self.trained_context, manifest.context_size if manifest else FOREIGN_CONTEXT)

    def close(self) -> None:
        if self.pointer:
            llama_cpp.llama_model_free(self.pointer)
            self.pointer = None

    def _require_fim(self) -> None:
        for sentinel in REQUIRED_FOR_FIM:
            if sentinel not in self.vocabulary.sentinel_ids:
                raise InklingError(
                    f"The model {self.bundle.model_path} has no {sentinel.value} token, "
                    "so it can't fill in the middle.",
                    "Choose a model that was trained with fill-in-the-middle.",
                )


def _check_layout(bundle: Bundle) -> None:
    if bundle.manifest is not None and bundle.manifest.layout_version > LAYOUT_VERSION:
        raise InklingError(
            f"The model {bundle.name} wants prompt layout {bundle.manifest.layout_version}; "
            f"this Inkling knows up to {LAYOUT_VERSION}.",
            "Upgrade Inkling.",
        )


def _manifest_sentinels(bundle: Bundle) -> dict[Sentinel, int]:
    if bundle.manifest is None:
        return sentinel_ids(read_gguf_metadata(bundle.model_path))
    known = Sentinel.__members__
    return {
        known[name]: token for name, token in bundle.manifest.sentinel_ids.items() if name in known
    }
