"""`textDocument/inlineCompletion`: ghost text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.methods.asking import Suggestion, accept_command, suggest

if TYPE_CHECKING:
    from lsp_server.server import InklingServer


async def inline_completion(
    server: InklingServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList | None:
    invoked = params.context.trigger_kind is types.InlineCompletionTriggerKind.Invoked
    found = await suggest(server, params.text_document.uri, params.position, invoked=invoked)
    return to_list(found) if found is not None else None


def to_list(suggestion: Suggestion) -> types.InlineCompletionList:
    """One item that inserts at the cursor and replaces nothing."""
    line, character = suggestion.document.position(suggestion.offset)
    cursor = types.Position(line, character)
    item = types.InlineCompletionItem(
        insert_text=suggestion.text,
        range=types.Range(cursor, cursor),
        command=accept_command(suggestion),
    )
    return types.InlineCompletionList(items=[item])
