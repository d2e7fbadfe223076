"""The command line of `quantize`: arguments in, a bundle and a short report out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotation
from typing import TYPE_CHECKING, Annotated

import tyro
from rich.console import Console
from rich.table import Table

from inkling.errors import run_command
from inkling.settings import home
from quantize.bundle_writer import write_bundle
from quantize.checkpoint_reader import open_checkpoint
from quantize.file_types import parse_file_type
from quantize.progress import ShownSteps

if TYPE_CHECKING:
    from inkling.bundle import BundleManifest


@dataclass(frozen=True)
class QuantizeCommand:
    """Turn a checkpoint into a bundle that Inkling, or llama.cpp itself, can serve.

    The bundle is a folder with model.gguf and bundle.json. It is written as a whole or not at
    all; an earlier bundle at the same place is replaced only when the new one is complete.
    """

    checkpoint: Annotated[Path, tyro.conf.Positional]
    """Output folder of 'python -m pretrain' or 'python -m finetune', or a Hugging Face folder of a
    Qwen3, Qwen2 or Llama model with fill-in-the-middle."""

    out: Path | None = None
    """Bundle folder; by default bundles/NAME-TYPE under INKLING_HOME."""

    type: str = "Q8_0"
    """F32, F16, BF16, Q8_0, Q6_K, Q5_K_M, Q5_K_S, Q5_1, Q5_0, Q4_K_M, Q4_K_S, Q4_1 or Q4_0.
    Small models lose more by few bits: keep Q8_0 unless the report says that you need not."""

    name: str | None = None
    """Name of the model as users see it; by default the checkpoint's."""

    verbose: bool = False
    """Print the log of llama.cpp."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    command = tyro.cli(QuantizeCommand, prog="python -m quantize", args=arguments)
    return run_command(lambda: export(command))


def export(command: QuantizeCommand) -> None:
    """Write the bundle and print what became of the weights.

    Raises:
        InklingError: as `write_bundle` does, or for an unknown type.
    """
    file_type = parse_file_type(command.type)
    name = command.name or open_checkpoint(command.checkpoint).manifest.name
    out = command.out or home() / "bundles" / folder_name(f"{name}-{file_type.name}")
    manifest = write_bundle(
        command.checkpoint,
        out,
        file_type,
        name=name,
        verbose=command.verbose,
        steps=ShownSteps(Console(stderr=True)),
    )
    print_report(Console(), manifest, out)


def folder_name(name: str) -> str:
    """`name` as one part of a path, neither hidden nor a way out of the folder."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")


def print_report(console: Console, manifest: BundleManifest, out: Path) -> None:
    """Print effective types, silent fall-backs and the distance to float32."""
    quantization = manifest.quantization
    table = Table("stored as", "MiB", "share")
    total = sum(quantization["effective"].values())
    for kind, size in quantization["effective"].items():
        table.add_row(kind, f"{size / 2**20:.2f}", f"{size / total:.1%}")
    console.print(table)
    if fallbacks := quantization["fallbacks"]:
        kinds = ", ".join(sorted(set(fallbacks.values())))
        console.print(
            f"[yellow]warning:[/] the rows of {len(fallbacks)} tensors don't fit the blocks of "
            f"{quantization['type']}; llama.cpp stored them as {kinds}."
        )
    quality = quantization["quality"]
    console.print(
        f"against F32, on {quality['tokens']} tokens: mean divergence "
        f"{quality['mean_divergence']:.2g} nats, 99 % below {quality['p99_divergence']:.2g}, "
        f"same next token {quality['same_top']:.1%}"
    )
    console.print(f"bundle: {out}", soft_wrap=True)
