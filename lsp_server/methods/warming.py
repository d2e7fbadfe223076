"""Reading ahead: where the cursor rests, the model reads the prompt before anybody asks.

An editor may tell where the cursor is, by the command `inkling.warmUp`. Of one that asks only when
its user presses a key the last edit tells it: it is read ahead whenever typing pauses.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsp_server.engine.records import Source
from lsp_server.methods import lifecycle
from lsp_server.protocol import plain
from lsp_server.rules.reasons import Silence
from lsp_server.suggest import plan
from lsp_server.surroundings import Spot, with_snippets
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.server import InklingServer

COMMAND = "inkling.warmUp"
PAUSE_SECONDS = 0.5


async def warm_up(server: InklingServer, uri: Any = None, position: Any = None, *_: Any) -> None:
    """The cursor rests at a position of an open document. Malformed arguments mean nothing."""
    document = server.documents.get(uri) if isinstance(uri, str) else None
    try:
        place = plain(position)
        line, character = int(place["line"]), int(place["character"])
    except (KeyError, TypeError, ValueError):
        return
    if document is not None:
        await _read_ahead(server, document, document.offset(line, character))


def edited(server: InklingServer, document: Document) -> None:
    """A document was edited; it is read ahead if no request follows."""
    answered(server)
    if document.edited_at is not None and not server.is_asked_by_itself:
        loop = asyncio.get_running_loop()
        server.warming = loop.call_later(PAUSE_SECONDS, _paused, server, document)


def answered(server: InklingServer) -> None:
    """A request does all that would be read ahead."""
    if server.warming is not None:
        server.warming.cancel()
        server.warming = None


def _paused(server: InklingServer, document: Document) -> None:
    assert document.edited_at is not None
    lifecycle.in_background(server, _read_ahead(server, document, document.edited_at))


async def _read_ahead(server: InklingServer, document: Document, offset: int) -> None:
    engine = server.worker.loaded if server.worker is not None else None
    if engine is None or not server.enabled or server.running is not None:
        return
    if server.shown.rest_at(document, offset) is not None:
        return  # what would be asked if that is taken is prepared already
    place = locate(document.path, server.folders)
    request = plan(document, offset, place, server.policy, engine.served.serves)
    if isinstance(request, Silence) or request.source is Source.MEMORY:
        return
    spot = Spot(document, offset, place)
    snippets = await lifecycle.surroundings(server, engine).around(spot)
    now = server.worker.loaded if server.worker is not None else None
    if server.documents.get(document.uri) is document and now is engine and not server.running:
        assert server.worker is not None
        server.worker.expect(with_snippets(request, snippets))
