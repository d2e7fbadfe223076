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
    """Items that insert at the cursor and replace nothing; the first is the best."""
    line, character = suggestion.document.position(suggestion.offset)
    cursor = types.Position(line, character)
    items = [
        types.InlineCompletionItem(
            insert_text=one.text,
            range=types.Range(cursor, cursor),
            command=accept_command(one),
        )
        for one in (suggestion, *suggestion.others)
    ]
    return types.InlineCompletionList(items=items)
