"""`initialize`, `initialized` and `shutdown`: options, loading the model, the end."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import uuid
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from inkling.errors import InklingError
from lsp_server.engine.records import Source
from lsp_server.methods import judging, status
from lsp_server.methods.adapter import begin_with
from lsp_server.methods.following import follow_model
from lsp_server.methods.progress import announced
from lsp_server.model_stamp import stamp_of
from lsp_server.options import read_client_options
from lsp_server.positions import PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from inkling.settings import Settings
    from lsp_server.backend import Backend
    from lsp_server.engine.worker import Worker
    from lsp_server.server import InklingServer
    from lsp_server.surroundings import Surroundings

logger = logging.getLogger(__name__)

TUNING_DELAY = 30.0
"""Seconds after the start, so that the measurement doesn't meet the first completions."""
CALM_SECONDS = 3.0
"""After the last key, so long; the measurement would slow down what is asked for, and be wrong."""


def initialize(server: InklingServer, params: types.InitializeParams) -> None:
    """Read what the client is and wants; its capabilities decide on ours."""
    server.options, complaints = read_client_options(params.initialization_options)
    for complaint in complaints:
        logger.warning("initializationOptions: %s; it is ignored", complaint)
    server.documents.encoding = PositionEncoding(server.workspace.position_encoding or "utf-16")
    text_document = params.capabilities.text_document
    if text_document is not None and text_document.inline_completion is not None:
        # Ghost text and a menu of the same words would compete for the model and the eye.
        server.protocol.fm.features.pop(types.TEXT_DOCUMENT_COMPLETION, None)


def initialized(server: InklingServer, _params: types.InitializedParams) -> None:
    """Load the model in the background, and again when another is chosen."""
    if server.worker is None:
        load_model(server)
        in_background(server, follow_model(server, load_model))


def load_model(server: InklingServer) -> None:
    """Load the model that is wanted now; one that is loaded ends in the background."""
    from lsp_server.engine.worker import Worker

    server.cancel_running()
    server.shown.keep_only(None)
    server.remembering = None
    if server.surroundings is not None:
        server.surroundings.close()
        server.surroundings = None
    if server.worker is not None:
        threading.Thread(target=server.worker.close, daemon=True).start()
    settings = server.effective_settings
    server.loaded_stamp = stamp_of(settings.model)
    folders = workspace_folders(server)

    def load() -> Backend:
        if settings.server is not None:
            from lsp_server.remote.engine import RemoteEngine

            return RemoteEngine(settings)
        from lsp_server.loading import open_engine  # brings llama.cpp; not on the event loop

        engine = open_engine(settings, server.options.without, server.models)
        begin_with(engine, server.options.adapter)
        if folders and server.settings.keep_state:
            engine.keep_state(folders[0])
        return engine

    shared = server.models if settings.server is None else None
    server.worker = Worker(load, shared.turns if shared is not None else None)
    status.notify(server)
    in_background(server, _announce_load(server, server.worker))


def shutdown(server: InklingServer, _params: Any) -> None:
    server.cancel_running()


def workspace_folders(server: InklingServer) -> list[Path]:
    """The folders that the editor has open."""
    workspace = server.workspace
    uris = [folder.uri for folder in workspace.folders.values()]
    if workspace.root_uri:
        uris.append(workspace.root_uri)
    names = [to_fs_path(uri) for uri in uris if uri.startswith("file:")]
    return [Path(name) for name in names if name]


def in_background(server: InklingServer, work: Coroutine[Any, Any, None]) -> None:
    """Do something that nobody waits for."""
    task = asyncio.get_running_loop().create_task(work)
    server.background.add(task)
    task.add_done_callback(server.background.discard)


async def _announce_load(server: InklingServer, worker: Worker) -> None:
    """Show progress while the model loads, and once what went wrong."""
    loading = asyncio.wrap_future(worker.ready)
    try:
        async with announced(server, "loading the model"):
            engine = await loading
    except InklingError as error:
        logger.error("%s", error)
        message = types.ShowMessageParams(types.MessageType.Error, f"Inkling: {error}")
        server.window_show_message(message)
    except Exception as error:
        logger.exception("the model could not be loaded")
        message = types.ShowMessageParams(types.MessageType.Error, f"Inkling: {error!r}")
        server.window_show_message(message)
    else:
        logger.info("model %s is ready", engine.served.name)
        if server.worker is worker:
            judging.open_sources(server)
            in_background(server, judging.read_own_code(server))
            in_background(server, _settle_in(server, engine))
    finally:
        status.notify(server)


def surroundings(server: InklingServer, engine: Backend) -> Surroundings:
    """What of other files goes into the prompts of the model that is loaded now."""
    from lsp_server.surroundings import Surroundings

    if server.surroundings is None:
        budget = snippet_tokens(server, engine)
        server.surroundings = Surroundings(
            server.documents, engine.count_tokens, budget, server.hides
        )
    return server.surroundings


def snippet_tokens(server: InklingServer, engine: Backend) -> int:
    """Tokens for other files in a prompt: as the editor says, else by the size of the context."""
    from lsp_server.neighbourhood import snippet_budget

    named = server.options.snippet_tokens
    return snippet_budget(engine.served) if named is None else named


async def _settle_in(server: InklingServer, engine: Backend) -> None:
    """Read the workspace, have its files watched, and measure the model when all is calm."""
    if server.options.source is not Source.MODEL and engine.vocabulary is not None:
        await _remember(server, engine)
    await _watch_files(server)
    if engine.served.bundle is None:
        return
    await asyncio.sleep(TUNING_DELAY)
    # A daemon: the end of the server doesn't wait for a measurement.
    arguments = [server.effective_settings, lambda: _is_calm(server)]
    threading.Thread(target=_tune, args=arguments, daemon=True).start()


async def _remember(server: InklingServer, engine: Backend) -> None:
    """Read the workspace into the memory."""
    from lsp_server.remembering import Remembering

    if server.remembering is not None:
        server.remembering.close()
    learned = partial(_learned, server)
    remembering = server.remembering = Remembering(engine, server.hides, learned)
    async with announced(server, "reading the workspace") as say:
        await remembering.read(workspace_folders(server), server.documents.all, say)
    status.notify(server)


def _learned(server: InklingServer, uri: str | None) -> None:
    """Forget what was suggested by what the memory knew before; see `Remembering.learned`."""
    server.shown.keep_only(uri)
    if uri is None and server.worker is not None:
        server.worker.forget_prepared()


def folders_changed(server: InklingServer, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    """A folder was opened or closed; the protocol's own handler has noted which."""
    read_workspace_again(server)


def read_workspace_again(server: InklingServer) -> None:
    """Other files may be read than before: other folders are open, or others are hidden."""
    engine = server.worker.loaded if server.worker is not None else None
    if engine is None:
        return  # what is loaded later reads what may be read then
    if server.surroundings is not None:
        server.surroundings.hides = server.hides
        server.surroundings.changed_on_disk()
    in_background(server, judging.read_own_code(server))
    if server.remembering is not None:
        in_background(server, _remember(server, engine))


def remember_if_wanted(server: InklingServer) -> None:
    """The memory has a say from now on: read the workspace, unless that was done already."""
    engine = server.worker.loaded if server.worker is not None else None
    if engine is None or engine.vocabulary is None or server.remembering is not None:
        return
    if server.options.source is not Source.MODEL:
        in_background(server, _remember(server, engine))


def _is_calm(server: InklingServer) -> bool:
    """Whether nobody has typed or asked for a while."""
    return server.running is None and server.rhythm.quiet_seconds(time.monotonic()) > CALM_SECONDS


def _tune(settings: Settings, is_calm: Callable[[], bool]) -> None:
    """Measure how this machine runs the model best, for the next start."""
    from lsp_server.loading import tune_once

    try:
        tuning = tune_once(settings, is_calm)
    except InklingError as error:
        logger.info("the model is not tuned: %s", error)
    else:
        if tuning is not None:
            logger.info("tuned: %.0f ms instead of %.0f", tuning.ms, tuning.default_ms)


async def _watch_files(server: InklingServer) -> None:
    """Ask to be told of files that others change; not every editor can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace is not None else None
    if watching is None or not watching.dynamic_registration:
        return
    watchers = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
    registration = types.Registration(
        str(uuid.uuid4()), types.WORKSPACE_DID_CHANGE_WATCHED_FILES, watchers
    )
    try:
        await server.client_register_capability_async(types.RegistrationParams([registration]))
    except Exception as error:
        logger.debug("the client refused to watch files: %s", error)


def watched_files_changed(server: InklingServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Files were made, written or removed; open documents count as the editor has them."""
    server.shown.keep_only(None)
    if server.surroundings is not None:
        server.surroundings.changed_on_disk()
    for change in params.changes:
        path = to_fs_path(change.uri) if change.uri.startswith("file:") else None
        if path and server.documents.get(change.uri) is None:
            in_background(server, judging.read_again(server, Path(path)))
            if server.remembering:
                server.remembering.changed_on_disk(Path(path))
