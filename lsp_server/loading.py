"""From the user's settings to a loaded engine: find, check, load."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.bundle import Bundle, open_bundle
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import EngineSettings
from lsp_server.engine.tuning import Tuning, measure_in_child, remembered_tuning, tune
from lsp_server.engine.vetting import vet
from lsp_server.features import Feature

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkling.settings import Settings
    from lsp_server.backend import Backend
    from lsp_server.engine.shared_models import SharedModels

_TUNING = threading.Lock()
"""Two measurements at once would measure one another."""


def open_engine(
    settings: Settings,
    without: frozenset[Feature] = frozenset(),
    models: SharedModels | None = None,
) -> Engine:
    """Check and load the model that the settings name.

    Raises:
        InklingError: missing, damaged, or not loadable.
    """
    bundle = open_bundle(settings.model)
    vet(bundle)
    wanted = engine_settings(settings, bundle)
    wanted = replace(
        wanted, hold_anchor=Feature.ANCHOR not in without, shift=Feature.SHIFT not in without
    )
    return Engine(bundle, wanted, models=models)


def open_backend(settings: Settings) -> Backend:
    """Who answers, as the settings have it: a server elsewhere, or the model in this process.

    Raises:
        InklingError: the settings make no sense, or the model can't be loaded.
    """
    if settings.server is None:
        return open_engine(settings)
    from lsp_server.remote.engine import RemoteEngine

    return RemoteEngine(settings)


def engine_settings(settings: Settings, bundle: Bundle) -> EngineSettings:
    """What the user has set; where that leaves the threads open, what tuning has found."""
    tuning = remembered_tuning(bundle, settings.gpu_layers) if not settings.threads else None
    found = tuning.settings if tuning is not None else EngineSettings(threads=settings.threads)
    return replace(found, context_tokens=settings.context_tokens, gpu_layers=settings.gpu_layers)


def tune_once(settings: Settings, is_calm: Callable[[], bool] = lambda: True) -> Tuning | None:
    """Measure the model on this machine, unless that was done before or the user has set the
    threads; takes some seconds of calm, and counts from the next start on."""
    bundle = open_bundle(settings.model)
    with _TUNING:
        if settings.threads or remembered_tuning(bundle, settings.gpu_layers) is not None:
            return None
        first = EngineSettings(gpu_layers=settings.gpu_layers)
        return tune(bundle, measure_in_child(bundle.model_path, is_calm), first)
