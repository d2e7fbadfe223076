"""What `inlineCompletion` and `completion` share: from a position to the text of a suggestion."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.engine.records import Cancelled, Completion, CompletionRequest
from lsp_server.shown import Shown
from lsp_server.suggest import Silence, plan, presentable
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.documents import Document
    from lsp_server.server import InklingServer

logger = logging.getLogger(__name__)

INVOKED_PATIENCE = 5.0
AUTOMATIC_PATIENCE = 1.0


@dataclass(frozen=True)
class Suggestion:
    """Text to insert at `offset` (in characters) of a snapshot."""

    text: str
    offset: int
    document: Document


async def suggest(
    server: InklingServer, uri: str, position: types.Position, *, invoked: bool
) -> Suggestion | None:
    """The suggestion at a position, or None; the reason is logged and kept for `inkling/status`.

    A newer request ends an older one. If this coroutine is cancelled, so is the computation.

    Args:
        invoked: the user asked, so it is worth to wait longer for a model that still loads.
    """
    # Imported late: lsp_server.server imports the methods.
    from lsp_server.server import Outcome

    along = _typed_along(server, uri, position)
    if along is not None:
        server.last = Outcome(typed_along=True)
        return along
    outcome = await _suggest(server, uri, position, invoked)
    if isinstance(outcome, Silence):
        logger.info("no suggestion: %s", outcome.reason)
        server.last = Outcome(reason=outcome.reason)
        return None
    suggestion, completion = outcome
    server.last = Outcome(completion=completion)
    server.shown.add(Shown(suggestion.document, suggestion.offset, suggestion.text))
    return suggestion


def _typed_along(server: InklingServer, uri: str, position: types.Position) -> Suggestion | None:
    """The rest of an earlier suggestion, if what was typed since is its beginning."""
    document = server.documents.get(uri)
    if document is None or document.text is None:
        return None
    offset = document.offset(position.line, position.character)
    rest = server.shown.rest_at(document, offset)
    return None if rest is None else Suggestion(rest, offset, document)


async def _suggest(
    server: InklingServer, uri: str, position: types.Position, invoked: bool
) -> tuple[Suggestion, Completion] | Silence:
    document = server.documents.get(uri)
    if document is None:
        return Silence("the editor has not opened this document")
    engine = await server.engine(INVOKED_PATIENCE if invoked else AUTOMATIC_PATIENCE)
    if engine is None or server.worker is None:
        return Silence("the model is not loaded")
    if server.documents.get(uri) is not document:
        return Silence("the document has changed meanwhile")
    offset = document.offset(position.line, position.character)
    place = locate(document.path, server.folders)
    request = plan(document, offset, place, server.policy, engine.model.bundle.serves)
    if isinstance(request, Silence):
        return request
    completion = await _ask(server, uri, request)
    if isinstance(completion, Silence):
        return completion
    if server.documents.get(uri) is not document:
        return Silence("the document has changed meanwhile")
    text = presentable(completion, document.line_break)
    if isinstance(text, Silence):
        return text
    return Suggestion(text, offset, document), completion


async def _ask(server: InklingServer, uri: str, request: CompletionRequest) -> Completion | Silence:
    assert server.worker is not None
    server.cancel_running()
    ticket = server.worker.submit(request)
    server.running = (uri, ticket)
    try:
        return await asyncio.wrap_future(ticket.future)
    except asyncio.CancelledError:
        ticket.cancel()
        raise
    except Cancelled:
        return Silence("a newer request or an edit has replaced this one")
    except InklingError as error:
        return Silence(str(error))
    finally:
        if server.running is not None and server.running[1] is ticket:
            server.running = None
