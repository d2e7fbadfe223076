"""`workspace/didChangeConfiguration`: options that take effect at once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.methods import adapter, judging, lifecycle, status
from lsp_server.options import read_client_options
from lsp_server.protocol import plain

if TYPE_CHECKING:
    from lsp_server.server import InklingServer

logger = logging.getLogger(__name__)

SECTION = "inkling"


async def did_change_configuration(
    server: InklingServer, params: types.DidChangeConfigurationParams
) -> None:
    """Take over the new options; another model is loaded in place of the old one.

    Clients that don't push their settings are asked for the section `inkling`.
    """
    value = plain(params.settings)
    if value is None:
        value = await _pulled(server)
    if isinstance(value, dict) and SECTION in value:
        value = value[SECTION]
    apply(server, value)


def apply(server: InklingServer, value: Any) -> None:
    """Use the options in `value`, decoded JSON of any shape."""
    before, options = server.effective_settings, server.options
    server.shown.keep_only(None)  # another policy may show something else
    server.options, complaints = read_client_options(value)
    for complaint in complaints:
        logger.warning("the configuration: %s; it is ignored", complaint)
    if server.worker is not None and server.effective_settings != before:
        lifecycle.load_model(server)  # reads the index and the workspace, too
    else:
        if server.options.attribution_index != options.attribution_index:
            judging.open_sources(server)
        if server.options.adapter != options.adapter:
            lifecycle.in_background(server, adapter.follow_option(server))
        if server.options.exclude != options.exclude:
            lifecycle.read_workspace_again(server)
        if server.options.source is not options.source:
            lifecycle.remember_if_wanted(server)
    _set_room(server)
    status.notify(server)


def _set_room(server: InklingServer) -> None:
    """Give the parts of other files the room that the options say from now on."""
    if server.surroundings is not None and server.worker is not None:
        engine = server.worker.ready.result()  # there are surroundings of a loaded model only
        server.surroundings.budget = lifecycle.snippet_tokens(server, engine)


async def _pulled(server: InklingServer) -> Any:
    workspace = server.client_capabilities.workspace
    if workspace is None or not workspace.configuration:
        return None
    items = [types.ConfigurationItem(section=SECTION)]
    answer = await server.workspace_configuration_async(types.ConfigurationParams(items))
    return plain(answer[0]) if answer else None
