"""`python -m curation`: the command line of curation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations at run time
from typing import Annotated

import tyro

from curation.format_cli import Repositories
from curation.look_cli import Inspect, Report, Why
from curation.opt_out_cli import OptOutCommand
from curation.perplexity_cli import Perplexity
from curation.pii.cli import PiiCommand
from curation.quality.cards import all_cards
from curation.quality.limits import all_limits
from curation.run_cli import Run
from inkling.errors import run_command
from inkling.repeated_flags import join_repeated


@dataclass(frozen=True)
class Cards:
    """List the quality cards and other stages' limits: what passes, and who found the bound."""

    def run(self) -> int:
        for card in all_cards():
            scope = ", ".join(card.languages) or "all languages"
            state = "" if card.default else " (off by default)"
            print(f"{card.name}{state}: {card.signal} {card.bounds}; {scope}")
            for language, bounds in card.by_language.items():
                print(f"    {language}: {bounds if bounds else 'off'}")
            print(f"    {card.why} Source: {card.source}.")
        for row in all_limits():
            kept = f", {row.kept:.0%} of others too" if row.kept else ""
            print(f"{row.name} ({row.stage}): {row.measure} {row.bounds}{kept}")
            print(f"    {row.why} Source: {row.source}.")
        return 0


@dataclass(frozen=True)
class Lock:
    """Write the lock file of this environment: the packages and versions that are installed."""

    out: tyro.conf.Positional[Path]
    """File to write."""

    def run(self) -> int:
        from curation.sources.lock import lock_environment
        from inkling.atomic import check_writable, write_text

        check_writable(self.out.expanduser().parent)
        lock = lock_environment()
        write_text(self.out, lock.to_text())
        print(f"Locked {len(lock.packages)} packages in {self.out}.")
        return 0


Command = (
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Lock, tyro.conf.subcommand("lock")]
    | Annotated[Cards, tyro.conf.subcommand("cards")]
    | Annotated[Why, tyro.conf.subcommand("why")]
    | Annotated[Inspect, tyro.conf.subcommand("inspect")]
    | Annotated[Report, tyro.conf.subcommand("report")]
    | Annotated[Repositories, tyro.conf.subcommand("repositories")]
    | Annotated[tyro.conf.OmitArgPrefixes[OptOutCommand], tyro.conf.subcommand("opt-out")]
    | Annotated[Perplexity, tyro.conf.subcommand("perplexity")]
    | Annotated[
        tyro.conf.OmitArgPrefixes[PiiCommand],
        tyro.conf.subcommand("pii", description="The classifier for names: train it, measure it."),
    ]
)


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and run the command they name."""

    def command() -> int:
        given = join_repeated(arguments, Command)
        parsed = tyro.cli(Command, args=given, prog="inkling curation", description=__doc__)
        return int(parsed.run())

    return run_command(command)
