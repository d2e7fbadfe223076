"""`python -m finetune`: the command line of fine-tuning."""

from __future__ import annotations

import sys

import tyro

from finetune.options import FinetuneOptions
from inkling.errors import require, run_command

EXIT_NOTHING_INSTALLED = 1


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and tune; returns the exit status."""

    def command() -> int:
        options = tyro.cli(FinetuneOptions, args=arguments, prog="inkling finetune")
        for module in ("torch", "transformers", "datatrove", "gguf"):
            require(module, "train")
        from rich.console import Console
        from rich.prompt import Confirm

        from finetune.run import finetune
        from inkling.settings import CONFIG_NAME, home

        console = Console()
        asks = not options.yes and sys.stdin.isatty()

        def confirm() -> bool:
            return not asks or Confirm.ask("Begin?", console=console, default=True)

        outcome = finetune(options, console, confirm)
        if outcome is None:
            console.print("Nothing was done.")
            return EXIT_NOTHING_INSTALLED
        if outcome.installed is None:
            console.print(
                "The tuned model is not better on the held-out files, so it was not installed; "
                f"it lies in {outcome.exported}.",
                soft_wrap=True,
            )
            return EXIT_NOTHING_INSTALLED
        console.print(f"The tuned model is better: installed in {outcome.installed}.")
        console.print(
            f'To use it, put this line into {home() / CONFIG_NAME}: model = "{outcome.installed}"',
            soft_wrap=True,
            highlight=False,
        )
        return 0

    return run_command(command)
