"""`python -m curation report`: a corpus's data card in Markdown, its funnel as an SVG picture."""

from __future__ import annotations

import json
from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from curation.corpus import (
    CorpusManifest,
    DroppedFile,
    read_documents,
    read_dropped,
    read_manifest,
)
from curation.funnel import FunnelRow, size_text
from curation.stages.decontamination import DecontaminationFilter
from inkling.atomic import check_writable, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CARD_NAME = "DATA_CARD.md"
FUNNEL_NAME = "funnel.svg"
_PACKAGES_SHOWN = 30
_FILES_SHOWN = 200
_BAR_HEIGHT = 26
_WIDTH = 760
_LABEL_WIDTH = 170


def write_report(corpus: Path, out: Path) -> Path:
    """Write the card and its picture into the folder `out`; returns the card.

    Raises:
        InklingError: `corpus` is no finished corpus.
    """
    manifest = read_manifest(corpus)
    check_writable(out)
    languages: Counter[str] = Counter()
    licenses: Counter[str] = Counter()
    redactions: Counter[str] = Counter()
    for document in read_documents(corpus):
        size = len(document.text.encode())
        languages[document.language] += size
        licenses[document.license or "none"] += size
        redactions.update(json.loads(document.stages).get("redactions", {}))
    found = [row for row in read_dropped(corpus) if row.stage == DecontaminationFilter.name]
    rows = [FunnelRow(**row) for row in manifest.funnel]
    write_text(out / FUNNEL_NAME, funnel_svg(rows))
    write_text(out / CARD_NAME, data_card(manifest, rows, languages, licenses, redactions, found))
    return out / CARD_NAME


def data_card(
    manifest: CorpusManifest,
    funnel: Sequence[FunnelRow],
    languages: Counter[str],
    licenses: Counter[str],
    redactions: Counter[str],
    contaminated: Sequence[DroppedFile] = (),
) -> str:
    """The card's text.

    Args:
        languages, licenses: bytes of curated text of each.
        redactions: replaced values of each kind.
        contaminated: what was dropped for a benchmark's text.
    """
    removed = manifest.opt_out.get("removed_later", 0)
    total = sum(manifest.bytes.values())
    parts = [
        *_head(manifest),
        *_options(manifest),
        "\n## What was kept, what was dropped\n",
        f"![How many files each stage let through]({FUNNEL_NAME})\n",
        _funnel(manifest, funnel),
        "\n## Languages\n",
        _shares("language", languages, total),
        "\n## Licences\n",
        "An expression with AND holds as a whole. Licences are found, not guessed.\n",
        _shares("licence", licenses, total),
        "\n## Secrets and personal data\n",
        ", ".join(f"{kind}: {count:,} replaced" for kind, count in sorted(redactions.items()))
        or "Nothing was replaced.",
        "\n## Opt-out\n",
        f"{manifest.opt_out.get('entries', 0):,} entries in the list at the time of curation; "
        f"{removed:,} documents removed later.",
        *_contamination(manifest, contaminated),
        *_packages(manifest),
    ]
    return "\n".join(parts) + "\n"


def _head(manifest: CorpusManifest) -> list[str]:
    splits = [
        f"{manifest.documents[split]:,} documents, {size_text(manifest.bytes[split])} ({split})"
        for split in manifest.documents
    ]
    sources = [", ".join(map(str, source.values())) for source in manifest.sources]
    return [
        "# Data card\n",
        f"{'; '.join(splits) or 'No documents'}.\n",
        "## Sources\n",
        *[f"- {source}" for source in sources],
    ]


def _options(manifest: CorpusManifest) -> list[str]:
    """How the corpus was made; nothing of corpora whose manifests don't say it yet."""
    if not manifest.options:
        return []
    rows = ((name.replace("_", " "), _said(value)) for name, value in manifest.options.items())
    return ["\n## Options\n", _table(("option", "value"), rows)]


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _funnel(manifest: CorpusManifest, funnel: Sequence[FunnelRow]) -> str:
    return _table(
        ("stage", "version", "files in", "dropped", "reasons"),
        (
            (
                row.stage,
                manifest.stages.get(row.stage, ""),
                f"{row.files_in:,}",
                f"{row.files_dropped:,}",
                ", ".join(f"{reason} {count:,}" for reason, count in row.reasons.items()),
            )
            for row in funnel
        ),
    )


def _contamination(manifest: CorpusManifest, rows: Sequence[DroppedFile]) -> list[str]:
    """Each file that held a benchmark's text, with the tasks and the lines; none if not asked."""
    if DecontaminationFilter.name not in manifest.stages:
        return []
    shown = rows[:_FILES_SHOWN]
    more = f"\n\n{len(rows) - len(shown):,} more stand in the dropped table." * (rows != shown)
    table = _table(("file", "task and lines"), ((f"{r.repo}/{r.path}", r.detail) for r in shown))
    return [
        "\n## Benchmarks\n",
        f"{len(rows):,} files held text of a benchmark and were dropped." + "\n" * bool(rows),
        *([table + more] if rows else []),
    ]


def _packages(manifest: CorpusManifest) -> list[str]:
    packages = sorted(manifest.packages.items(), key=lambda item: -item[1]["bytes"])
    parts = [
        f"\n## Largest of {len(packages):,} packages\n",
        _table(
            ("package", "revision", "licence", "documents", "size", "split"),
            (
                (
                    name,
                    str(entry["revision"] or ""),
                    str(entry["license"] or "none"),
                    f"{entry['documents']:,}",
                    size_text(entry["bytes"]),
                    entry["split"],
                )
                for name, entry in packages[:_PACKAGES_SHOWN]
            ),
        ),
    ]
    heldout = sorted(name for name, entry in packages if entry["split"] == "heldout")
    return [*parts, "\n## Held out\n", ", ".join(heldout)] if heldout else parts


def funnel_svg(rows: Sequence[FunnelRow]) -> str:
    """A bar a stage: what entered it, the part that it dropped at the bar's end."""
    most = max((row.files_in for row in rows), default=0) or 1
    room = _WIDTH - _LABEL_WIDTH - 110
    bars = []
    for number, row in enumerate(rows):
        top = number * _BAR_HEIGHT
        entered = room * row.files_in / most
        dropped = room * row.files_dropped / most
        middle = top + _BAR_HEIGHT / 2 + 4
        label = f"{row.files_in:,}" + (f" −{row.files_dropped:,}" if row.files_dropped else "")
        bars.append(
            f'<text x="{_LABEL_WIDTH - 8}" y="{middle}" text-anchor="end">'
            f"{escape(row.stage)}</text>"
            f'<rect x="{_LABEL_WIDTH}" y="{top + 4}" width="{entered - dropped:.1f}" height="18" '
            f'fill="#4c78a8"/><rect x="{_LABEL_WIDTH + entered - dropped:.1f}" y="{top + 4}" '
            f'width="{dropped:.1f}" height="18" fill="#e45756"/>'
            f'<text x="{_LABEL_WIDTH + entered + 6:.1f}" y="{middle}">{label}</text>'
        )
    height = len(rows) * _BAR_HEIGHT + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" font-family="sans-serif" font-size="12" fill="#555">'
        f"{''.join(bars)}</svg>\n"
    )


def _shares(heading: str, sizes: Counter[str], total: int) -> str:
    rows = [
        (name, size_text(size), f"{size / total:.1%}" if total else "")
        for name, size in sizes.most_common(_PACKAGES_SHOWN)
    ]
    return _table((heading, "size", "share"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in lines)
