"""A report as text for people, as JSON, and as SARIF 2.1.0 for code scanning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from attribution.findings import Kind
from attribution.terminal import documents, printable
from inkling import __version__

if TYPE_CHECKING:
    from attribution.documents import SourceDocument
    from attribution.findings import Finding, Report
    from attribution.sources import Source

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES = {
    Kind.EXACT: "Code that stands in the training data word for word.",
    Kind.REFORMATTED: "Code that stands in the training data with another layout.",
    Kind.EDITED: "Code that stands in the training data with some names or literals changed.",
    Kind.RENAMED: "Code that stands in the training data with other names.",
}
_REMOVED_RULE = "removed"
_PLACES = {
    "spdx_header": "its first lines",
    "notice": "its first lines",
    "metadata": "the package's metadata",
    "classifier": "the package's classifiers",
    "file": "a licence file",
    "dataset": "the data set",
    "event": "the event",
}
"""Where curation has found a licence, by the names that it gives."""


def as_text(name: str, report: Report) -> str:
    """One line a finding, one below it for each source, then what wasn't checked."""
    lines: list[str] = []
    for found in report.findings:
        holders = found.holders
        lines.append(
            f"{name}:{found.first_line}-{found.last_line}: {found.tier.value}, "
            f"{found.kind.value}, {found.weight.tokens:.0f} tokens of weight, "
            f"in {documents(holders.documents)}"
            + (f" of {holders.repositories:,} repositories" if holders.repositories > 1 else "")
        )
        lines += (f"    {_source_line(source)}" for source in holders.sources)
        if (left := holders.documents - len(holders.sources)) > 0:
            lines.append(f"    and {left:,} more; licences: {_licenses(found)}")
    for span in report.removed:
        lines.append(f"{name}:{span.first_line}-{span.last_line}: repeats removed code")
    if not report.findings and not report.removed:
        lines.append(f"{name}: nothing found" + (", but see below" if report.unchecked else ""))
    lines += (f"{name}: not checked: {reason}" for reason in report.unchecked)
    return "\n".join(map(printable, lines))


def _licenses(found: Finding) -> str:
    return ", ".join(
        f"{license_ or 'none known'} ({count:,})" for license_, count in found.holders.licenses
    )


def _source_line(source: Source) -> str:
    document = source.document
    return (
        f"{document.repo}{f' ({document.address})' if document.address else ''} "
        f"{document.revision or '(no revision)'}, {document.path}:"
        f"{source.first_line}-{source.last_line}, "
        f"{document.license or 'no licence known'}{license_found(document)}"
        + (", a vendored copy" if source.vendored else "")
    )


def license_found(document: SourceDocument) -> str:
    """ " (found in …)": where the licence of a document stands; nothing if that isn't known."""
    places = _license_places(document)
    return f" (found in {places})" if places else ""


def _license_places(document: SourceDocument) -> str:
    ways = (document.license_source or "").split("+")
    return " and ".join(_PLACES.get(way, way) for way in ways if way)


def source_json(source: Source, with_text: bool = True) -> dict[str, Any]:
    """A source as plain JSON."""
    document = source.document
    value = {
        "repo": document.repo,
        "address": document.address,
        "path": document.path,
        "revision": document.revision,
        "license": document.license,
        "licenseSource": document.license_source,
        "licenseFoundIn": _license_places(document),
        "committedAt": document.committed_at,
        "sha256": document.id,
        "firstLine": source.first_line,
        "lastLine": source.last_line,
        "vendored": source.vendored,
    }
    return {**value, "text": source.text} if with_text else value


def finding_json(found: Finding, with_texts: bool = True) -> dict[str, Any]:
    """A finding as plain JSON; offsets are bytes, lines count from 1."""
    holders = found.holders
    earliest = holders.earliest
    return {
        "kind": found.kind.value,
        "tier": found.tier.value,
        "start": found.start,
        "end": found.end,
        "firstLine": found.first_line,
        "lastLine": found.last_line,
        "tokens": round(found.weight.tokens, 1),
        "bytes": round(found.weight.bytes, 1),
        "documents": holders.documents,
        "contents": holders.contents,
        "repositories": holders.repositories,
        "licenses": [{"license": name, "documents": count} for name, count in holders.licenses],
        "sources": [source_json(source, with_texts) for source in holders.sources],
        "earliest": source_json(earliest, with_texts) if earliest else None,
    }


def as_json(report: Report, with_texts: bool = True) -> dict[str, Any]:
    """The whole report as plain JSON, with or without the texts of the sources."""
    return {
        "clean": report.is_clean,
        "findings": [finding_json(found, with_texts) for found in report.findings],
        "removed": [
            {
                "start": span.start,
                "end": span.end,
                "firstLine": span.first_line,
                "lastLine": span.last_line,
            }
            for span in report.removed
        ],
        "unchecked": list(report.unchecked),
    }


def as_sarif(name: str, report: Report) -> dict[str, Any]:
    """The report as a SARIF log with one run; what wasn't checked is a notification."""
    results = [
        _result(
            found.kind.name.lower(),
            "warning" if found.tier.value == "strong" else "note",
            "Also in " + "; ".join(_source_line(source) for source in found.holders.sources),
            name,
            found,
        )
        for found in report.findings
    ]
    results += [
        _result(_REMOVED_RULE, "error", "Repeats code that was removed.", name, span)
        for span in report.removed
    ]
    rules = {kind.name.lower(): text for kind, text in _RULES.items()}
    rules[_REMOVED_RULE] = "Code that repeats what was removed from the index."
    driver = {
        "name": "inkling attribution",
        "version": __version__,
        "rules": [{"id": key, "shortDescription": {"text": text}} for key, text in rules.items()],
    }
    notes = [{"level": "warning", "message": {"text": reason}} for reason in report.unchecked]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notes}
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    return {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _uri(name: str) -> str:
    """A file's name as an address; names below the current folder stay relative to it."""
    if name == "-":
        return "stdin"
    path = Path(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _result(rule: str, level: str, text: str, name: str, span: Any) -> dict[str, Any]:
    # No byte offsets: those of a decoded file are not the file's own.
    region = {"startLine": span.first_line, "endLine": span.last_line}
    uri = _uri(name)
    location = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    return {"ruleId": rule, "level": level, "message": {"text": text}, "locations": [location]}
