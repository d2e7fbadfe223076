"""The LoRA adapter that the model runs with: chosen by a command, or by an option."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError
from lsp_server.engine.records import Cancelled
from lsp_server.methods import status
from lsp_server.rules.reasons import Reason, explain

if TYPE_CHECKING:
    from lsp_server.backend import Backend
    from lsp_server.server import InklingServer

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a change waits for the model to be loaded."""


async def switch_adapter(server: InklingServer, adapter: Any = None, *_: Any) -> dict[str, Any]:
    """Run the model with another LoRA adapter: a GGUF file or a folder that holds one, or null for
    none. The answer says what went wrong; then all stays as it was."""
    if adapter is not None and not isinstance(adapter, str):
        return {"error": "the adapter's path is not a text"}
    if await server.engine(PATIENCE) is None or server.worker is None:
        return {"error": explain(Reason.NOT_LOADED)}
    path = Path(adapter).expanduser() if adapter else None
    server.cancel_running()
    try:
        await asyncio.wrap_future(server.worker.do(lambda engine: engine.use_adapter(path)))
    except InklingError as error:
        return {"error": error.cause, "remedy": error.remedy}
    except Cancelled:
        return {"error": "the model is being changed"}
    server.shown.keep_only(None)
    status.notify(server)
    return {"error": None}


async def follow_option(server: InklingServer) -> None:
    """Take over the adapter that the options name now."""
    answer = await switch_adapter(server, server.options.adapter)
    if answer["error"] is not None:
        logger.warning("%s", answer["error"])


def begin_with(engine: Backend, adapter: str | None) -> None:
    """Run a model that was just loaded with the adapter that the options name, if it fits."""
    if adapter is None:
        return
    try:
        engine.use_adapter(Path(adapter).expanduser())
    except InklingError as error:
        logger.warning("the model runs without its adapter. %s", error)
