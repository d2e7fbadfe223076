"""`textDocument/completion`: the same suggestion in a menu, for clients without inline ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.methods.asking import Suggestion, accept_command, suggest
from lsp_server.provenance.gate import verdict_json

if TYPE_CHECKING:
    from lsp_server.server import InklingServer

OPTIONS = types.CompletionOptions(trigger_characters=[".", "(", "[", "=", " "])

_LABEL_CHARACTERS = 60
_WORD_BEFORE = re.compile(r"\w*\Z")


async def completion(
    server: InklingServer, params: types.CompletionParams
) -> types.CompletionList | None:
    invoked = (
        params.context is None or params.context.trigger_kind is types.CompletionTriggerKind.Invoked
    )
    found = await suggest(server, params.text_document.uri, params.position, invoked=invoked)
    return to_list(found) if found is not None else None


def to_list(suggestion: Suggestion) -> types.CompletionList:
    """One item that replaces the word before the cursor by itself and the suggestion.

    Menus filter by that word, so it has to be part of the item.
    """
    document, offset = suggestion.document, suggestion.offset
    line, character = document.position(offset)
    start = document.offset(line, 0)
    word = _WORD_BEFORE.search((document.text or "")[start:offset])
    begin = start + word.start() if word else offset
    typed = (document.text or "")[begin:offset]
    text = typed + suggestion.text
    judgement = suggestion.judgement
    badge = judgement.verdict.badge if judgement is not None else None
    first_line = text.strip().splitlines()[0]
    item = types.CompletionItem(
        label=first_line[:_LABEL_CHARACTERS],
        kind=types.CompletionItemKind.Text,
        detail="Inkling" if badge is None else f"Inkling, {badge}",
        documentation=suggestion.text if "\n" in suggestion.text else None,
        filter_text=text,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(
            types.Range(types.Position(*document.position(begin)), types.Position(line, character)),
            text,
        ),
        command=accept_command(suggestion),
        data=verdict_json(judgement.verdict) if judgement is not None else None,
    )
    return types.CompletionList(is_incomplete=True, items=[item])
