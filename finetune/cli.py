"""`python -m finetune`: the command line of fine-tuning."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import tyro

from finetune.options import FinetuneOptions
from inkling.errors import InklingError, require, run_command

if TYPE_CHECKING:
    from rich.console import Console

    from finetune.run import Outcome

EXIT_NOTHING_INSTALLED = 1
OTHERS = {
    "watch": "finetune.watch:Watch",
    "prefer": "finetune.trl_tuning:Prefer",
    "instruct": "finetune.trl_tuning:Instruct",
}
"""Subcommands; a folder of such a name is given as ./NAME."""


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and tune; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in OTHERS:
        module, kind = OTHERS[given[0]].split(":")
        options = getattr(importlib.import_module(module), kind)
        parsed = tyro.cli(options, args=given[1:], prog=f"inkling finetune {given[0]}")
        return run_command(parsed.run)

    def command() -> int:
        options = tyro.cli(FinetuneOptions, args=given, prog="inkling finetune")
        return tune(options)

    return run_command(command)


def tune(options: FinetuneOptions) -> int:
    """Run with a console; returns the exit status."""
    for module in ("torch", "transformers", "datatrove", "gguf"):
        require(module, "train")
    from rich.console import Console
    from rich.prompt import Confirm

    from finetune.out_of_room import is_disk_full, is_out_of_memory
    from finetune.ranks import Ranks
    from finetune.run import finetune, train_along

    ranks = Ranks.joined()
    if not ranks.leads:
        return train_along(ranks)
    console = Console()
    asks = not options.yes and sys.stdin.isatty()

    def confirm() -> bool:
        return not asks or Confirm.ask("Begin?", console=console, default=True)

    try:
        outcome = finetune(options, console, confirm, ranks)
    except Exception as error:
        if is_out_of_memory(error):
            raise InklingError(
                "Memory ran out; nothing was installed.",
                "Run the same command with less else running, or choose a smaller base.",
            ) from error
        if is_disk_full(error):
            raise InklingError(
                "The disk is full; nothing was installed.",
                "Free some space and run the same command again, or choose another --out.",
            ) from error
        raise
    finally:
        ranks.leave()
    if outcome is None:
        done = "Nothing was done." if options.until == "install" else f"Done: {options.until}."
        console.print(done)
        return EXIT_NOTHING_INSTALLED if options.until == "install" else 0
    return _tell(outcome, options, console)


def _tell(outcome: Outcome, options: FinetuneOptions, console: Console) -> int:
    page = outcome.exported.parent / "report.html"
    console.print(f"Report: {page}", soft_wrap=True, highlight=False)
    if outcome.installed is None:
        why = "" if options.until == "install" else " (--until prove)"
        console.print(
            f"Nothing was installed{why}; the tuned model lies in {outcome.exported}.",
            soft_wrap=True,
            highlight=False,
        )
        return EXIT_NOTHING_INSTALLED
    console.print(f"Installed in {outcome.installed}.", soft_wrap=True, highlight=False)
    console.print(
        f"To use it: inkling model use {outcome.installed.name}", soft_wrap=True, highlight=False
    )
    return 0
