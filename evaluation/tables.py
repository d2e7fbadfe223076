"""A report on the terminal. Computes nothing that the report doesn't hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from evaluation.bootstrap import LEVEL
from evaluation.report import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from evaluation.report import Comparison, Metric

_SYSTEMS = ("model", "baseline")


def print_report(
    console: Console, report: dict[str, Any], comparisons: Sequence[Comparison]
) -> None:
    """Print tables, examples, what was compared with what, and the verdicts."""
    holes, baseline, seconds = report["holes"], report["baseline"], report["seconds"]
    console.print(summary_table(comparisons))
    console.print(package_table(report["packages"]))
    for example in report["examples"]:
        console.print(_example(example), soft_wrap=True)
    console.print(
        f"{holes['count']} holes in {holes['files']} files of {holes['packages']} packages, "
        f"{holes['middle_bytes']:,} bytes of middles; seed {holes['seed']}.\n"
        f"Baseline: n-gram with contexts of up to {baseline['order']} tokens; "
        f"{baseline['smoothing']}; {baseline['tokens']:,} training tokens of "
        f"{baseline['documents']:,} documents "
        f"(read in {baseline['tokenize_seconds']:.1f} s, "
        f"sorted in {baseline['sort_seconds']:.1f} s).\n"
        f"Per hole: model {1000 * seconds['model'] / holes['count']:.0f} ms, "
        f"baseline {1000 * seconds['baseline'] / holes['count']:.0f} ms; "
        f"peak memory {(report['peak_memory_bytes'] or 0) / 2**20:,.0f} MiB.",
        highlight=False,
        soft_wrap=True,
    )
    if report["bundle"]["trained_on"] not in (None, report["corpus"]):
        console.print(
            "The model was trained on another corpus: the baseline has not seen the same text.",
            style="yellow",
        )
    for verdict in report["verdicts"]:
        console.print(verdict, highlight=False, markup=False, soft_wrap=True)


def summary_table(comparisons: Sequence[Comparison]) -> Table:
    """One row a metric."""
    table = Table(
        title="Held-out single-line holes: model beside baseline", box=SIMPLE, padding=(0, 0, 0, 1)
    )
    table.add_column("metric", no_wrap=True)
    for column in ("model", "baseline", f"difference\n[{LEVEL:.0%} by file]", "\n[by package]"):
        table.add_column(Text(column), justify="right", no_wrap=True)
    for item in comparisons:
        digits = _digits(item.metric)
        by_file, by_package = (
            f"[{interval.low:.{digits}f}, {interval.high:.{digits}f}]"
            for interval in (item.by_file, item.by_package)
        )
        table.add_row(
            item.metric.label,
            f"{item.model:.{digits}f}",
            f"{item.baseline:.{digits}f}",
            Text(f"{item.by_file.difference:+.{digits}f} {by_file}"),
            Text(by_package),
        )
    return table


def package_table(rows: Sequence[dict[str, Any]]) -> Table:
    """One row a package; each cell is model / baseline."""
    table = Table(title="By package: model / baseline", box=SIMPLE)
    table.add_column("package")
    table.add_column("holes", justify="right")
    for metric in METRICS:
        table.add_column(metric.label, justify="right")
    for row in rows:
        cells = (
            " / ".join(f"{row[metric.key][name]:.{_digits(metric)}f}" for name in _SYSTEMS)
            for metric in METRICS
        )
        table.add_row(Text(row["package"]), str(row["holes"]), *cells)
    return table


def _digits(metric: Metric) -> int:
    return 1 if metric.unit == "%" else 3


def _example(row: dict[str, str]) -> Text:
    """The line as it stood and as both systems end it, the cursor shown by a caret."""
    text = Text(f"{row['file']}\n", style="dim")
    for name, ending in (("file", "middle"), ("model", "model"), ("baseline", "baseline")):
        text.append(f"  {name:<9} {row['typed'].lstrip()}", style="not dim")
        text.append(f"‸{row[ending]}\n", style="not dim bold")
    return text
