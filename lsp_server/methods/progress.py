"""Work-done progress: what takes a while is announced to editors that show such things."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from lsp_server.server import InklingServer

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.2


@asynccontextmanager
async def announced(server: InklingServer, title: str) -> AsyncIterator[Callable[[str], None]]:
    """Show `title` while the block runs. Yields what tells how far it is; any thread may call it.

    Reports that follow each other closely are left out. Where the client shows no progress nothing
    is sent.
    """
    loop = asyncio.get_running_loop()
    token = await _begin(server, f"Inkling: {title}")
    last = 0.0

    def send(text: str) -> None:
        if token is not None:
            report = types.WorkDoneProgressReport(message=text)
            server.work_done_progress.report(token, report)

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if token is not None and now - last >= _PAUSE_SECONDS:
            last = now
            loop.call_soon_threadsafe(send, text)

    try:
        yield say
    finally:
        if token is not None:
            server.work_done_progress.end(token, types.WorkDoneProgressEnd())


async def _begin(server: InklingServer, title: str) -> str | None:
    window = server.client_capabilities.window
    if window is None or not window.work_done_progress:
        return None
    token = str(uuid.uuid4())
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await server.work_done_progress.create_async(token)
    except Exception as error:
        logger.debug("the client refused to show progress: %s", error)
        return None
    begin = types.WorkDoneProgressBegin(title=title, cancellable=False)
    server.work_done_progress.begin(token, begin)
    return token
