"""`inkling uninstall-data`: remove what Inkling has stored, and nothing else."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import tyro

from inkling import interactions
from inkling.errors import InklingError, run_command
from inkling.settings import CONFIG_NAME, home
from lsp_server.models import history
from lsp_server.models.store import size_of
from lsp_server.statistics import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

# What Inkling writes into its home. Anything else there is not ours to remove.
OURS = (
    "models", "bundles", "finetune", "indexes", "corpora", "runs", "work", "cache", "states",
    "run",
    CONFIG_NAME, FILE_NAME, history.FILE_NAME, interactions.FILE_NAME,
    "vetted-models.json", "tuning.json", "opt-out.txt",
)  # fmt: skip


@dataclass(frozen=True)
class UninstallData:
    """Remove everything that Inkling has stored in INKLING_HOME: models, indexes, statistics …

    It lists what goes and asks first. Files that Inkling didn't make stay.
    """

    yes: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Don't ask."""

    def run(self) -> int:
        folder = home()
        found = stored(folder)
        if not found:
            print(f"There is nothing of Inkling's in {folder}.")
            return 0
        for path in found:
            size = size_of(path) if path.is_dir() else path.lstat().st_size
            print(f"{path}  {size / 1e6:.1f} MB")
        if not self.yes and not _confirmed():
            print("Nothing was removed.")
            return 0
        for path in found:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
        print("Removed. The program itself goes with: pip uninstall inkling")
        return 0


def stored(folder: Path) -> list[Path]:
    """What of Inkling's lies in its home."""
    return [path for name in OURS if (path := folder / name).exists() or path.is_symlink()]


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise InklingError("There is nobody to ask.", "Add --yes if you mean it.")
    return input("Remove all of this? [y/N] ").strip().lower() in ("y", "yes")


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling uninstall-data` with `arguments`; returns the exit status."""
    command = tyro.cli(UninstallData, prog="inkling uninstall-data", args=arguments)
    return run_command(command.run)
