"""What `inlineCompletion` and `completion` share: from a position to the text of a suggestion."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.engine.records import Cancelled, Completion
from lsp_server.rules.reasons import Reason, Silence, explain
from lsp_server.suggest import plan, presentable
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.documents import Document
    from lsp_server.engine.worker import Ticket
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

    outcome = await _suggest(server, uri, position, invoked)
    if isinstance(outcome, Silence):
        logger.info("no suggestion: %s", outcome.reason)
        server.last = Outcome(reason=outcome.reason)
        return None
    suggestion, completion = outcome
    server.last = Outcome(completion=completion)
    return suggestion


async def _suggest(
    server: InklingServer, uri: str, position: types.Position, invoked: bool
) -> tuple[Suggestion, Completion] | Silence:
    document = server.documents.get(uri)
    if document is None:
        return Silence(Reason.NOT_OPEN)
    if not invoked:
        await asyncio.sleep(server.rhythm.wait)
    engine = await server.engine(INVOKED_PATIENCE if invoked else AUTOMATIC_PATIENCE)
    if engine is None or server.worker is None:
        return Silence(Reason.NOT_LOADED)
    if server.documents.get(uri) is not document:
        return Silence(Reason.DOCUMENT_CHANGED)
    offset = document.offset(position.line, position.character)
    place = locate(document.path, server.folders)
    serves = engine.model.bundle.serves
    request = plan(document, offset, place, server.policy, serves, invoked=invoked)
    if isinstance(request, Silence):
        return request
    started = time.monotonic()
    server.cancel_running()
    ticket = server.worker.submit(request)
    server.running = (uri, ticket)
    syntax = server.parsed(document, offset)  # while the model thread computes
    completion = await _answer(server, ticket)
    if isinstance(completion, Silence):
        return completion
    server.rhythm = server.rhythm.after_answer(time.monotonic() - started)
    if server.documents.get(uri) is not document:
        return Silence(Reason.DOCUMENT_CHANGED)
    polished = presentable(completion, document, offset, server.policy, syntax)
    if polished.code is not None:
        return Silence(polished.code, explain(polished.code))
    return Suggestion(polished.text, offset, document), completion


async def _answer(server: InklingServer, ticket: Ticket) -> Completion | Silence:
    try:
        return await asyncio.wrap_future(ticket.future)
    except asyncio.CancelledError:
        ticket.cancel()
        raise
    except Cancelled:
        return Silence(Reason.REPLACED)
    except InklingError as error:
        return Silence(Reason.FAILED, str(error))
    finally:
        if server.running is not None and server.running[1] is ticket:
            server.running = None
