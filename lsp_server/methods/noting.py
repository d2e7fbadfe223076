"""Writes down, where the user agreed to it, what became of a suggestion and its text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from inkling import interactions
from lsp_server.keeping import interaction
from lsp_server.suggest import language_of
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsp_server.methods.asking import Suggestion
    from lsp_server.server import InklingServer


def note(server: InklingServer, suggestion: Suggestion) -> None:
    """Look again after a while; nothing is kept of it until then but what memory holds."""
    if server.options.keep_text:
        task = asyncio.get_running_loop().create_task(_note_later(server, suggestion))
        server.background.add(task)
        task.add_done_callback(server.background.discard)


async def _note_later(server: InklingServer, suggestion: Suggestion) -> None:
    await asyncio.sleep(server.kept_seconds)
    before = suggestion.document
    found = interaction(
        before,
        suggestion.offset,
        suggestion.text,
        server.documents.get(before.uri),
        language_of(before) or "",
        locate(before.path, server.folders).path or "",
    )
    if found is not None and server.options.keep_text:
        await asyncio.to_thread(interactions.append, found)
