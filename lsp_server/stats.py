"""`inkling stats`: what was shown, taken and kept on this machine."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from inkling.errors import InklingError, run_command
from inkling.settings import home
from lsp_server.statistics import FILE_NAME, Summary, read, summarize

_DAY = 86_400.0


@dataclass(frozen=True)
class Stats:
    """Print what became of the suggestions on this machine.

    The numbers come from INKLING_HOME/statistics.jsonl, which holds no text and never leaves the
    machine. Remove the file to start anew.
    """

    days: int = 30
    """How many days to look back."""

    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print an object by language."""

    def run(self) -> int:
        if self.days < 1:
            raise InklingError("There is nothing to look back on.", "Give --days 1 or more.")
        since = time.time() - self.days * _DAY
        events = [event for event in read() if event.at >= since]
        languages = sorted({event.language for event in events})
        summaries = {
            name: summarize(event for event in events if event.language == name)
            for name in languages
        }
        if self.json:
            print(json.dumps({name: asdict(row) for name, row in summaries.items()}))
        elif not events:
            print(f"Nothing was shown in the last {self.days} days ({home() / FILE_NAME}).")
        else:
            Console().print(_table({**summaries, "all": summarize(events)}))
        return 0


def _table(rows: dict[str, Summary]) -> Table:
    table = Table()
    for title in ("", "shown", "accepted", "partly", "kept 30 s", "characters", "p50 ms", "p95 ms"):
        table.add_column(title, justify="right" if title else "left")
    for name, row in rows.items():
        table.add_row(
            name or "other",
            str(row.shown),
            _share(row.accepted, row.shown),
            _share(row.partly_accepted, row.shown),
            _share(row.kept, row.judged),
            str(row.characters_taken),
            _milliseconds(row.latency_p50),
            _milliseconds(row.latency_p95),
        )
    return table


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling stats` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Stats, prog="inkling stats", args=arguments)
    return run_command(command.run)
