"""`inkling.references`, and the hints on spans that have a source.

An accepted suggestion's findings, and those of a check that the user asks for, become marks: hints
(diagnostics) that a hover explains.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from attribution.findings import Scope
from attribution.report import as_json as report_json
from inkling.errors import InklingError
from lsp_server.methods.judging import own_of
from lsp_server.methods.lifecycle import in_background
from lsp_server.protocol import plain
from lsp_server.provenance.once import NO_INDEX
from lsp_server.provenance.references import (
    as_json,
    diagnostic,
    find_references,
    hover_text,
    marks_of,
)
from lsp_server.suggest import language_of

if TYPE_CHECKING:
    from attribution.findings import Report
    from lsp_server.documents import Document
    from lsp_server.offers import Offer
    from lsp_server.provenance.marks import Mark
    from lsp_server.server import InklingServer

COMMAND = "inkling.references"
_OPENING = "The index of the training data is still being opened."


async def references(
    server: InklingServer, uri: Any = None, selection: Any = None, *_: Any
) -> dict[str, Any]:
    """What of an open document, or of a range of it, has a source; it is marked there, too."""
    document = server.documents.get(str(uri))
    if document is None or document.text is None:
        return {"error": "the document is not open, or too large"}
    index = server.sources.index()
    if server.sources.is_opening:
        return {"error": _OPENING}
    if index is None:
        cause = server.sources.cause
        return {"error": cause} if cause is not None else {"error": NO_INDEX, "code": "no-index"}
    part = _offsets(selection, document)
    scope = Scope(corpus=server.sources.corpus)
    language = language_of(document)
    try:
        found, report = await asyncio.to_thread(
            find_references, index, document, language, scope, part
        )
    except InklingError as error:
        return {"error": error.cause}
    if server.documents.get(document.uri) is document:
        server.marks.clear(document.uri, *(part or ()))
        _mark(server, document, found)
    rest = {key: value for key, value in report_json(report).items() if key != "findings"}
    return {"error": None, "references": [as_json(mark, document) for mark in found], **rest}


def mark_accepted(server: InklingServer, offer: Offer, taken: str) -> None:
    """Mark what a suggestion that was taken owes to its sources, as soon as that is known.

    Args:
        taken: the beginning of the offered text that was taken.
    """
    judgement = offer.judgement
    if judgement is None or judgement.answer is None:
        return
    asked = judgement.asked
    # The offer may be the rest of what was judged: its beginning was typed.
    inserted = asked.text[: len(asked.text) - len(offer.text) + len(taken)]

    def known(report: Report) -> None:
        document = server.documents.get(offer.uri)
        place = _place(document.text or "", inserted, len(asked.before)) if document else None
        if document is not None and place is not None:
            found = marks_of(report, asked.text, place)
            _mark(server, document, _within(found, place + len(inserted)))

    async def marked() -> None:
        verdict = await server.sources.answer(judgement, server.source_policy, own_of(server))
        if verdict is not None:
            known(verdict.report)

    in_background(server, marked())


def _place(text: str, inserted: str, offset: int) -> int | None:
    """Where a text stands: at `offset`, else at the nearest place."""
    places = [text.find(inserted, offset), text.rfind(inserted, 0, offset + len(inserted) - 1)]
    found = [place for place in places if place >= 0]
    return min(found, key=lambda place: abs(place - offset), default=None)


def _within(marks: list[Mark], end: int) -> list[Mark]:
    """What of the marks stands before `end`."""
    return [replace(m, text=m.text[: end - m.start]) for m in marks if m.start < end]


def _mark(server: InklingServer, document: Document, marks: list[Mark]) -> None:
    server.marks.add(document.uri, marks)
    publish(server, document)


def publish(server: InklingServer, document: Document) -> None:
    """Tell the editor of all marks in a document."""
    marks = server.marks.of(document.uri)
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(
            document.uri, [diagnostic(mark, document) for mark in marks], document.version
        )
    )


def followed(server: InklingServer, document: Document) -> None:
    """The document was edited: its marks move with their texts."""
    if server.marks.follow(document):
        publish(server, document)


def forget(server: InklingServer, document: Document) -> None:
    """The document was closed, so its hints go, too."""
    if server.marks.of(document.uri):
        server.marks.forget(document.uri)
        publish(server, document)


def hover(server: InklingServer, params: types.HoverParams) -> types.Hover | None:
    """`textDocument/hover`: source, licence and an excerpt where a mark stands."""
    document = server.documents.get(params.text_document.uri)
    if document is None:
        return None
    position = params.position
    found = server.marks.at(document.uri, document.offset(position.line, position.character))
    if not found:
        return None
    text = "\n\n---\n\n".join(hover_text(mark.finding) for mark in found)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))


def _offsets(selection: Any, document: Document) -> tuple[int, int] | None:
    """A range as it came over the wire, in characters; None for the whole document."""
    value = plain(selection)
    try:
        places = [value[end] for end in ("start", "end")]
        ends = [document.offset(int(p["line"]), int(p["character"])) for p in places]
    except (KeyError, TypeError, ValueError):
        return None
    return min(ends), max(ends)
