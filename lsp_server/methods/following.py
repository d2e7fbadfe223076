"""The model is followed on disk: `inkling model use`, a rollback and a tuning at night change what
a running server answers with, without a restart."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.settings import load_settings
from lsp_server.model_stamp import stamp_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.server import InklingServer

SECONDS = 2.0
"""Between two looks; each reads the user's settings and asks for the time of one file."""


async def follow_model(server: InklingServer, load: Callable[[InklingServer], None]) -> None:
    """Call `load` whenever another model is chosen, or another takes its place on disk."""
    while not server.stopped:
        await asyncio.sleep(SECONDS)
        with suppress(InklingError):  # settings that are being written, or wrong for now
            chosen = (await asyncio.to_thread(load_settings)).model
            server.settings = replace(server.settings, model=chosen)
        wanted = server.effective_settings
        found = await asyncio.to_thread(stamp_of, wanted.model)
        has_changed = found is not None and found != server.loaded_stamp
        if has_changed and wanted.server is None and not server.stopped:
            load(server)
