"""`inkling model list|pull|use|rollback|rm`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import tyro
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from inkling.errors import run_command
from inkling.installed import models_folder
from inkling.settings import load_settings
from lsp_server.models import store
from lsp_server.models.catalog import CATALOG


@dataclass(frozen=True)
class List:
    """Print good open models, and which of them are on this machine. Opens no connection."""

    def run(self) -> int:
        here = store.installed()
        chosen = load_settings().model
        table = Table("", box=None)
        table.add_column("model", no_wrap=True)
        table.add_column("file", no_wrap=True, justify="right")
        table.add_column("memory", no_wrap=True, justify="right")
        table.add_column("licence")
        table.add_column("")
        for entry in CATALOG:
            table.add_row(
                _mark(entry.name, here, chosen),
                entry.name,
                decimal(entry.bytes),
                decimal(entry.memory_bytes),
                entry.licence,
                entry.note,
            )
        for name in here:
            if all(entry.name != name for entry in CATALOG):
                size = store.size_of(models_folder() / name)
                row = (_mark(name, here, chosen), name, decimal(size), "", "", "")
                table.add_row(*row)
        console = Console(highlight=False)
        console.print(table)
        console.print("✓ on this machine · → in use")
        if chosen is None:
            console.print("In use: the starter model that ships with Inkling.")
        elif not any(chosen == str(models_folder() / name) for name in here):
            console.print(f"In use: {chosen}", soft_wrap=True)
        return 0


def _mark(name: str, here: list[str], chosen: str | None) -> str:
    if chosen == str(models_folder() / name):
        return "→"
    return "✓" if name in here else ""


@dataclass(frozen=True)
class Pull:
    """Fetch a model from the hub (HF_ENDPOINT, else huggingface.co), with its checksum compared.

    This is the only command of Inkling that opens a connection to a hub. An interrupted download
    goes on where it stopped.
    """

    name: Annotated[str, tyro.conf.Positional]
    """Name from 'inkling model list', or OWNER/REPOSITORY/FILE.gguf."""

    use: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Choose it, too."""

    def run(self) -> int:
        folder = store.pull(self.name)
        print(f"The model is in {folder}.")
        if self.use:
            return Use(folder.name).run()
        print(f"To use it: inkling model use {folder.name}")
        return 0


@dataclass(frozen=True)
class Use:
    """Choose the model that completions come from; editors take it at their next start."""

    name: Annotated[str, tyro.conf.Positional]
    """A fetched model, a bundle folder, any GGUF file with fill-in-the-middle, or 'starter'."""

    def run(self) -> int:
        path = store.use(self.name)
        print(f"In use from now on: {path or 'the starter model'}.")
        return 0


@dataclass(frozen=True)
class Rollback:
    """Take back the last tuning of the model in use, or else the last 'inkling model use'."""

    def run(self) -> int:
        path = store.rollback()
        print(f"In use again: {path or 'the starter model'}.")
        return 0


@dataclass(frozen=True)
class Remove:
    """Delete a fetched model, and what an interrupted download of it has left."""

    name: Annotated[str, tyro.conf.Positional]
    """Name from 'inkling model list'."""

    def run(self) -> int:
        print(f"{decimal(store.remove(self.name))} are free again.")
        return 0


Commands = (
    Annotated[List, tyro.conf.subcommand("list")]
    | Annotated[Pull, tyro.conf.subcommand("pull")]
    | Annotated[Use, tyro.conf.subcommand("use")]
    | Annotated[Rollback, tyro.conf.subcommand("rollback")]
    | Annotated[Remove, tyro.conf.subcommand("rm")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling model` with `arguments` (default: the process's); returns the exit status."""
    command: List | Pull | Use | Rollback | Remove = tyro.cli(
        Commands,
        prog="inkling model",
        description="List, fetch, choose and remove models, and take a choice back.",
        args=arguments,
    )
    return run_command(command.run)
