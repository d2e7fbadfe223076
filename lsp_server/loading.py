"""From the user's settings to a loaded engine: find, check, load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.bundle import open_bundle
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import EngineSettings
from lsp_server.engine.vetting import vet

if TYPE_CHECKING:
    from inkling.settings import Settings


def open_engine(settings: Settings) -> Engine:
    """Check and load the model that the settings name.

    Raises:
        InklingError: missing, damaged, or not loadable.
    """
    bundle = open_bundle(settings.model)
    vet(bundle)
    return Engine(bundle, EngineSettings(settings.context_tokens, settings.threads))
