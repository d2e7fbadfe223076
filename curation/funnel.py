"""The funnel: how many files and bytes each stage let through, and why it refused the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class FunnelRow:
    """One stage: files and original bytes that entered, were dropped, and the drops by reason."""

    stage: str
    files_in: int
    bytes_in: int
    files_dropped: int
    bytes_dropped: int
    reasons: dict[str, int]


def build_funnel(
    stages: Sequence[str], files: int, total_bytes: int, drops: Iterable[tuple[str, str, int]]
) -> list[FunnelRow]:
    """The rows in order of `stages`.

    Args:
        files, total_bytes: what was listed.
        drops: (stage, reason, bytes) of every dropped file.
    """
    counts = {stage: Counter[str]() for stage in stages}
    sizes: Counter[str] = Counter()
    for stage, reason, size in drops:
        counts[stage][reason] += 1
        sizes[stage] += size
    rows = []
    for stage in stages:
        dropped = counts[stage].total()
        rows.append(
            FunnelRow(
                stage, files, total_bytes, dropped, sizes[stage], dict(counts[stage].most_common())
            )
        )
        files -= dropped
        total_bytes -= sizes[stage]
    return rows


def funnel_table(rows: Sequence[dict[str, Any]] | Sequence[FunnelRow]) -> Table:
    """The funnel for a terminal."""
    # As narrow as can be: names of reasons are to stay whole in 80 columns.
    table = Table(title="Curation funnel", box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("stage", no_wrap=True)
    for heading in ("files in", "size in", "dropped", "size\ndropped"):
        table.add_column(heading, justify="right")
    table.add_column("reasons", overflow="fold")
    last: FunnelRow | None = None
    for item in rows:
        row = item if isinstance(item, FunnelRow) else FunnelRow(**item)
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in row.reasons.items())
        table.add_row(
            row.stage,
            f"{row.files_in:,}",
            size_text(row.bytes_in),
            f"{row.files_dropped:,}",
            size_text(row.bytes_dropped),
            reasons,
        )
        last = row
    if last is not None:
        left = last.files_in - last.files_dropped
        table.add_section()
        table.add_row(
            "kept", f"{left:,}", size_text(last.bytes_in - last.bytes_dropped), "", "", ""
        )
    return table


def size_text(size: int) -> str:
    """A number of bytes for people."""
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    if size >= 1e6:
        return f"{size / 1e6:,.1f} MB"
    return f"{size / 1e3:,.1f} kB" if size >= 1e3 else f"{size} B"


def as_json(rows: Sequence[FunnelRow]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
