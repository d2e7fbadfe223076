"""`inkling/explain`: the prompt that would be asked with at a position, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsp_server.methods import lifecycle, status
from lsp_server.parts import prompt_parts
from lsp_server.rules.reasons import Reason, Silence
from lsp_server.suggest import plan
from lsp_server.surroundings import Spot, with_snippets
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsp_server.server import InklingServer

METHOD = "inkling/explain"
PATIENCE = 5.0


async def explain_at(server: InklingServer, params: Any) -> dict[str, Any]:
    """The parts of the prompt at `params.position` of `params.textDocument.uri`.

    Malformed parameters count as a document that isn't open.
    """
    try:
        uri, position = params.textDocument.uri, params.position
        line, character = int(position.line), int(position.character)
    except (AttributeError, TypeError, ValueError):
        return _answer(server, Silence(Reason.NOT_OPEN), [])
    document = server.documents.get(uri) if isinstance(uri, str) else None
    engine = await server.engine(PATIENCE)
    if document is None or engine is None:
        missing = Reason.NOT_OPEN if document is None else Reason.NOT_LOADED
        return _answer(server, Silence(missing), [])
    offset = document.offset(line, character)
    place = locate(document.path, server.folders)
    request = plan(document, offset, place, server.policy, engine.served.serves)
    if isinstance(request, Silence):
        return _answer(server, request, [])
    spot = Spot(document, offset, place)
    snippets = await lifecycle.surroundings(server, engine).around(spot)
    parts = prompt_parts(engine.seen(with_snippets(request, snippets)), engine.count_tokens)
    return _answer(server, None, [vars(part) for part in parts])


def _answer(
    server: InklingServer, silence: Silence | None, parts: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "silence": silence.reason if silence is not None else None,
        "code": silence.code.value if silence is not None else None,
        "prompt": parts,
        "last": status.last_outcome(server),
    }
