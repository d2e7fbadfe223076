"""`inkling.references`: what of a document or a selection has a source, in the editor's terms.

Pure translations of a report: diagnostics on the spans, and for a hover the source's text beside
its licence. Source text goes into a fenced block that it can't leave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from lsprotocol import types

from attribution.findings import Kind
from attribution.matter import Tier
from attribution.query import check
from attribution.report import finding_json, license_found
from lsp_server.provenance.marks import Mark

if TYPE_CHECKING:
    from typing import Any

    from attribution.findings import Finding, Report, Scope
    from attribution.index import Index
    from lsp_server.documents import Document

SOURCE = "inkling"
_EXCERPT_LINES = 20
_EXCERPT_CHARACTERS = 60
_LABEL = {
    Kind.EXACT: "Stands word for word in",
    Kind.REFORMATTED: "Stands with another layout in",
    Kind.EDITED: "Stands with some changes in",
    Kind.RENAMED: "Stands with other names in",
}
_PASSAGE = {Tier.STRONG: "This long passage", Tier.WEAK: "This short passage"}


def find_references(
    index: Index,
    document: Document,
    language: str | None,
    scope: Scope,
    selection: tuple[int, int] | None = None,
) -> tuple[list[Mark], Report]:
    """Check a document, or a part of it (offsets in characters)."""
    text = document.text or ""
    start, end = selection or (0, len(text))
    report = check(index, text[start:end].encode(errors="surrogatepass"), language, scope)
    return marks_of(report, text[start:end], start), report


def marks_of(report: Report, text: str, start: int) -> list[Mark]:
    """The findings of a report on `text`, which stands at the offset `start` of a document."""
    raw = np.frombuffer(text.encode(errors="surrogatepass"), dtype=np.uint8)
    begins = np.flatnonzero(raw & 0xC0 != 0x80)  # the first byte of each character
    marks = []
    for found in report.findings:
        first, last = np.searchsorted(begins, (found.start, found.end)).tolist()
        marks.append(Mark(start + first, text[first:last], found))
    return marks


def diagnostic(mark: Mark, document: Document) -> types.Diagnostic:
    """A hint on a span; its data carries the finding, for a client that shows more.

    The text of the span goes along: by the time that the client reads the range, something else may
    stand there.
    """
    found = mark.finding
    source = found.holders.sources[0]
    return types.Diagnostic(
        range_of(mark, document),
        f"{_LABEL[found.kind]} {source.document.repo}, {source.document.path}:"
        f"{source.first_line} ({source.document.license or 'no licence known'})",
        severity=types.DiagnosticSeverity.Hint,
        source=SOURCE,
        code=found.kind.name.lower(),
        data={**finding_json(found), "excerpt": _excerpt(mark.text)},
    )


def _excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT_CHARACTERS else f"{line[:_EXCERPT_CHARACTERS]}…"


def range_of(mark: Mark, document: Document) -> types.Range:
    """Where a mark is, in the client's positions."""
    (first, begin), (last, end) = (document.position(offset) for offset in (mark.start, mark.end))
    return types.Range(types.Position(first, begin), types.Position(last, end))


def hover_text(found: Finding) -> str:
    """Source, licence and holders as Markdown, with the source's first lines."""
    holders = found.holders
    label = _LABEL[found.kind]
    passage = _PASSAGE.get(found.tier, "This passage")
    lines = [f"{passage} {label[0].lower()}{label[1:]}", ""]
    for source in holders.sources:
        document = source.document
        lines.append(
            f"- {_code(document.repo)} {_code(document.path)}:"
            f"{source.first_line}-{source.last_line}, "
            f"{_code(document.license or 'no licence known')}{license_found(document)}"
        )
    if (left := holders.documents - len(holders.sources)) > 0:
        lines.append(f"- and {left:,} more")
    excerpt = "\n".join(holders.sources[0].text.splitlines()[:_EXCERPT_LINES])
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", excerpt)), default=0))
    return "\n".join([*lines, "", fence, excerpt, fence])


def as_json(mark: Mark, document: Document) -> dict[str, Any]:
    """A mark as the command answers it."""
    place = range_of(mark, document)
    return {
        **finding_json(mark.finding),
        "range": {
            "start": {"line": place.start.line, "character": place.start.character},
            "end": {"line": place.end.line, "character": place.end.character},
        },
    }


def _code(text: str) -> str:
    """Text as a span of code in Markdown, on one line, with no way out of it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{' '.join(text.split())}{pad}{fence}"
