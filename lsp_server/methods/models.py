"""`inkling.models`: what an editor's pickers of models and adapters list. Opens no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inkling.installed import models_folder
from lsp_server.models import adapters, store
from lsp_server.models.catalog import CATALOG

if TYPE_CHECKING:
    from lsp_server.server import InklingServer

COMMAND = "inkling.models"


def models(server: InklingServer, *_: Any) -> dict[str, Any]:
    """The models on this machine, then those that can be fetched; sizes in bytes. And the adapters.

    `path` is null for a model that has to be fetched first.
    """
    here = store.installed()
    fetched = [_fetched(name) for name in here]
    others = [
        {
            "name": entry.name,
            "path": None,
            "bytes": entry.bytes,
            "memoryBytes": entry.memory_bytes,
            "licence": entry.licence,
            "note": entry.note,
        }
        for entry in CATALOG
        if entry.name not in here
    ]
    return {"models": fetched + others, "adapters": _adapters(server)}


def _adapters(server: InklingServer) -> list[dict[str, Any]]:
    """Those that fit the model that is served come first."""
    served = server.served
    model, used = (served.name, served.adapter) if served is not None else (None, None)
    listed = [
        {
            "name": adapter.name,
            "path": str(adapter.path),
            "base": adapter.base,
            "fits": adapter.fits(model),
            "used": adapter.path == used,
        }
        for adapter in adapters.found()
    ]
    return sorted(listed, key=lambda adapter: not adapter["fits"])


def _fetched(name: str) -> dict[str, Any]:
    folder = models_folder() / name
    entry = next((entry for entry in CATALOG if entry.name == name), None)
    return {
        "name": name,
        "path": str(folder),
        "bytes": store.size_of(folder),
        "memoryBytes": entry.memory_bytes if entry else None,
        "licence": entry.licence if entry else None,
        "note": entry.note if entry else None,
    }
