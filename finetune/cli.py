"""`python -m finetune`: the command line of fine-tuning."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, TypeVar

import tyro

from finetune.options import FinetuneOptions
from inkling.errors import InklingError, require, run_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from finetune.run import Outcome

EXIT_NOTHING_INSTALLED = 1
OTHERS = {
    "watch": "finetune.watch:Watch",
    "prefer": "finetune.trl_tuning:Prefer",
    "instruct": "finetune.trl_tuning:Instruct",
}
"""Subcommands; a folder of such a name is given as ./NAME."""
_TASKS = {"complete": (), "instruct": ("instruct",), "prefer": ("prefer",), "dpo": ("prefer",)}
"""What `--task` takes, and the subcommand that does it."""

_Result = TypeVar("_Result")


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and tune; returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    return run_command(lambda: _run(_by_task(given)))


def _run(given: list[str]) -> int:
    if given and given[0] in OTHERS:
        module, kind = OTHERS[given[0]].split(":")
        options = getattr(importlib.import_module(module), kind)
        parsed = tyro.cli(options, args=given[1:], prog=f"inkling finetune {given[0]}")
        status: int = without_room(parsed.run)
        return status
    return tune(tyro.cli(FinetuneOptions, args=given, prog="inkling finetune"))


def _by_task(given: list[str]) -> list[str]:
    """The arguments with the subcommand that `--task` names in place of it.

    Raises:
        InklingError: there is no such task.
    """
    for number, argument in enumerate(given):
        option, _, task = argument.partition("=")
        if option != "--task":
            continue
        rest = given[number + 1 :]
        if not task:
            task, rest = (rest[0] if rest else ""), rest[1:]
        if task not in _TASKS:
            raise InklingError(f"There is no task {task!r}.", f"Give one of {', '.join(_TASKS)}.")
        return [*_TASKS[task], *given[:number], *rest]
    return given


def tune(options: FinetuneOptions) -> int:
    """Run with a console; returns the exit status."""
    for module in ("torch", "transformers", "datatrove", "gguf"):
        require(module, "train")
    from rich.console import Console
    from rich.prompt import Confirm

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
        outcome = without_room(lambda: finetune(options, console, confirm, ranks))
    finally:
        ranks.leave()
    if outcome is None:
        done = "Nothing was done." if options.until == "install" else f"Done: {options.until}."
        console.print(done)
        return EXIT_NOTHING_INSTALLED if options.until == "install" else 0
    return _tell(outcome, options, console)


def without_room(command: Callable[[], _Result]) -> _Result:
    """Run `command`; memory or disk that run out are told as errors."""
    try:
        return command()
    except Exception as error:
        from finetune.out_of_room import is_disk_full, is_out_of_memory

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


def _tell(outcome: Outcome, options: FinetuneOptions, console: Console) -> int:
    page = outcome.exported.parent / "report.html"
    console.print(f"Report: {page}", soft_wrap=True, highlight=False)
    if outcome.installed is None:
        why = "" if options.reaches("install") else " (--until prove)"
        console.print(
            f"Nothing was installed{why}; the tuned model lies in {outcome.exported}.",
            soft_wrap=True,
            highlight=False,
        )
        wanted = outcome.proof.wins and not options.reaches("install")
        return 0 if wanted else EXIT_NOTHING_INSTALLED
    console.print(f"Installed in {outcome.installed}.", soft_wrap=True, highlight=False)
    console.print(
        f"To use it: inkling model use {outcome.installed.name}", soft_wrap=True, highlight=False
    )
    return 0
