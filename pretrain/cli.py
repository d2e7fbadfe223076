"""`python -m pretrain`: the command line of pretraining."""

from __future__ import annotations

import tyro

from inkling.errors import require, run_command
from pretrain.options import PretrainOptions


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and train."""

    def command() -> int:
        options = tyro.cli(PretrainOptions, args=arguments, prog="inkling pretrain")
        for module in ("torch", "transformers", "tokenizers"):
            require(module, "train")
        from rich.console import Console

        from pretrain.train import pretrain

        console = Console()
        folder = pretrain(options, console)
        console.print(f"Wrote the checkpoint to {folder}.", soft_wrap=True)
        console.print(f"Make it servable with: python -m quantize {folder}", soft_wrap=True)
        return 0

    return run_command(command)
