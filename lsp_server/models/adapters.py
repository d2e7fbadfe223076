"""Adapters on this machine: what tuning has left beside the models that it installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.bundle import ADAPTER_NAME
from inkling.errors import InklingError
from inkling.gguf_metadata import read_gguf_metadata
from inkling.installed import models_folder
from lsp_server.models import store

if TYPE_CHECKING:
    from pathlib import Path

_BASE = "general.base_model.0.name"


@dataclass(frozen=True)
class FoundAdapter:
    """A LoRA adapter as GGUF.

    Attributes:
        name: of the tuned model that it belongs to.
        base: name of the model that it was tuned from; None if the file doesn't say.
    """

    name: str
    path: Path
    base: str | None

    def fits(self, model: str | None) -> bool:
        """Whether it may run on a model of this name, as far as the file says."""
        return self.base is None or self.base == model


def found() -> list[FoundAdapter]:
    """All adapters of installed models, by name; files that are none are passed over."""
    adapters = []
    for name in store.installed():
        path = models_folder() / name / ADAPTER_NAME
        if not path.is_file():
            continue
        try:
            base = read_gguf_metadata(path).values.get(_BASE)
        except InklingError:
            continue
        adapters.append(FoundAdapter(name, path, base if isinstance(base, str) else None))
    return adapters
