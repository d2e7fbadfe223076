"""`inkling.references`: what of a document or a selection has a source, in the editor's terms.

Pure translations of a report: diagnostics on the spans, and for a hover the source's text beside
its licence. Source text goes into a fenced block that it can't leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types

from attribution.findings import Kind
from attribution.matter import Tier
from attribution.query import check
from attribution.report import finding_json

if TYPE_CHECKING:
    from typing import Any

    from attribution.findings import Finding, Report, Scope
    from attribution.index import Index
    from lsp_server.documents import Document

COMMAND = "inkling.references"
SOURCE = "inkling"
_EXCERPT_LINES = 20
_SEVERITY = {
    Tier.STRONG: types.DiagnosticSeverity.Information,
    Tier.WEAK: types.DiagnosticSeverity.Hint,
}
_LABEL = {
    Kind.EXACT: "Stands word for word in",
    Kind.REFORMATTED: "Stands with another layout in",
    Kind.EDITED: "Stands with some changes in",
    Kind.RENAMED: "Stands with other names in",
}


@dataclass(frozen=True)
class Reference:
    """A finding in a document: offsets in its characters."""

    start: int
    end: int
    finding: Finding


def find_references(
    index: Index,
    document: Document,
    language: str | None,
    scope: Scope,
    selection: tuple[int, int] | None = None,
) -> tuple[list[Reference], Report]:
    """Check a document, or a part of it (offsets in characters)."""
    text = document.text or ""
    start, end = selection or (0, len(text))
    raw = text[start:end].encode(errors="surrogatepass")
    report = check(index, raw, language, scope)

    def characters(offset: int) -> int:
        return start + len(raw[:offset].decode(errors="surrogatepass"))

    found = [
        Reference(characters(item.start), characters(item.end), item) for item in report.findings
    ]
    return found, report


def diagnostic(reference: Reference, document: Document) -> types.Diagnostic:
    """A note on a span; its data carries the finding, for a client that shows more."""
    found = reference.finding
    source = found.holders.sources[0]
    return types.Diagnostic(
        range_of(reference, document),
        f"{_LABEL[found.kind]} {source.document.repo}, {source.document.path}:"
        f"{source.first_line} ({source.document.license or 'no licence known'})",
        severity=_SEVERITY.get(found.tier, types.DiagnosticSeverity.Hint),
        source=SOURCE,
        code=found.kind.name.lower(),
        data=finding_json(found),
    )


def range_of(reference: Reference, document: Document) -> types.Range:
    """Where a reference is, in the client's positions."""
    (first, begin), (last, end) = (
        document.position(offset) for offset in (reference.start, reference.end)
    )
    return types.Range(types.Position(first, begin), types.Position(last, end))


def hover_text(found: Finding) -> str:
    """Source, licence and holders as Markdown, with the source's first lines."""
    holders = found.holders
    lines = [f"**{found.kind.value}** ({found.tier.value})"]
    for source in holders.sources:
        document = source.document
        how = f" ({document.license_source})" if document.license_source else ""
        lines.append(
            f"- {_code(document.repo)} {_code(document.path)}:"
            f"{source.first_line}-{source.last_line}, "
            f"{_code(document.license or 'no licence known')}{how}"
        )
    if (left := holders.documents - len(holders.sources)) > 0:
        lines.append(f"- and {left:,} more")
    excerpt = "\n".join(holders.sources[0].text.splitlines()[:_EXCERPT_LINES])
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", excerpt)), default=0))
    return "\n".join([*lines, "", fence, excerpt, fence])


def as_json(reference: Reference, document: Document) -> dict[str, Any]:
    """A reference as the command answers it."""
    place = range_of(reference, document)
    return {
        **finding_json(reference.finding),
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
