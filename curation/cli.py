"""`python -m curation`: the command line of curation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from inkling.errors import InklingError, require, run_command
from inkling.languages import BY_NAME
from inkling.settings import home, usable_cores


@dataclass(frozen=True)
class Run:
    """Turn source code into a corpus: filter, drop duplicates, and say why each file went."""

    folders: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Folders or git checkouts to read; .gitignore is honoured."""
    out: Path = Path("corpora/corpus")
    """Folder of the corpus; replaced only when the new one is complete."""
    environment: bool = False
    """Read every package installed beside this Python."""
    lock: Path | None = None
    """With --environment: just the packages in this file of name==version lines."""
    standard_library: bool = False
    """Read this Python's standard library."""
    languages: tuple[str, ...] = ("python",)
    """Languages to keep; 'all' keeps every known one."""
    own_code: bool = False
    """The sources are your own: keep files of any licence, or none."""
    near_threshold: float = 0.7
    """Estimated Jaccard similarity from which two files count as near-duplicates."""
    heldout_packages: int = 0
    """Hold out at least so many whole packages, chosen by a hash of their names."""
    heldout_bytes: int = 0
    """Hold out at least so many bytes."""
    workers: int = 0
    """Worker processes; 0 takes one a core."""
    work: Path | None = None
    """Folder for intermediate results (default: under INKLING_HOME)."""

    def run(self) -> int:
        languages = () if self.languages == ("all",) else self.languages
        for name in languages:
            if name not in BY_NAME:
                raise InklingError(
                    f"The language '{name}' is not known.", f"Known are: {', '.join(BY_NAME)}."
                )
        if not 0 < self.near_threshold <= 1:
            raise InklingError(
                f"The near-duplicate threshold is {self.near_threshold}.",
                "Choose a value above 0 and up to 1.",
            )
        if self.lock is not None and not self.environment:
            raise InklingError(
                f"The lock file {self.lock} says which packages of an environment to read, "
                "but none is to be read.",
                "Add --environment.",
            )
        if min(self.workers, self.heldout_packages, self.heldout_bytes) < 0:
            raise InklingError(
                "The number of workers, or what to hold out, is below 0.", "Choose 0 or more."
            )
        require("datatrove", "train")
        from rich.console import Console

        from curation.heldout import HeldoutRule
        from curation.pipeline import CurationOptions, run_curation

        options = CurationOptions(
            environment=self.environment,
            lock=self.lock,
            standard_library=self.standard_library,
            folders=self.folders,
            languages=languages,
            policy="any" if self.own_code else "permissive",
            near_threshold=self.near_threshold,
            heldout=HeldoutRule(self.heldout_packages, self.heldout_bytes),
        )
        console = Console()
        manifest = run_curation(
            options,
            self.out,
            self.work or home() / "work" / "curation",
            self.workers or usable_cores(),
            console,
        )
        splits = (f"{n:,} documents ({split})" for split, n in manifest.documents.items())
        console.print(f"Wrote {' and '.join(splits) or 'no document'} to {self.out}.")
        return 0


@dataclass(frozen=True)
class Lock:
    """Write the lock file of this environment: the packages and versions that are installed."""

    out: tyro.conf.Positional[Path]
    """File to write."""

    def run(self) -> int:
        from curation.sources.lock import lock_environment
        from inkling.atomic import write_text

        lock = lock_environment()
        write_text(self.out, lock.to_text())
        print(f"Locked {len(lock.packages)} packages in {self.out}.")
        return 0


Command = (
    Annotated[Run, tyro.conf.subcommand("run")] | Annotated[Lock, tyro.conf.subcommand("lock")]
)


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and run the command they name."""

    def command() -> int:
        parsed: Run | Lock = tyro.cli(
            Command, args=arguments, prog="inkling curation", description=__doc__
        )
        return parsed.run()

    return run_command(command)
