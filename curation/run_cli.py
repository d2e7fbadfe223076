"""`python -m curation run`: what to read, what to keep, and where to do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro  # noqa: TC002  # it reads the annotations at run time

from curation.rule_flags import RuleFlags
from inkling.atomic import check_writable
from inkling.errors import InklingError, require
from inkling.settings import home, usable_cores

if TYPE_CHECKING:
    from curation.executors import Machines
    from curation.options import CurationOptions


@dataclass(frozen=True, kw_only=True)
class Run(RuleFlags):
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
    commits: tuple[Path, ...] = ()
    """Git checkouts whose history to read: code before, message, code after.
    Names inside of a message's sentences are found with --pii only."""
    datasets: tuple[str, ...] = ()
    """Parquet or JSON lines in The Stack's layout: files, folders, or addresses (s3://, hf://)."""
    discussions: tuple[Path, ...] = ()
    """GH Archive-style files of events, or folders of such: issues and pull requests."""
    near_threshold: float = 0.7
    """Estimated Jaccard similarity from which two files count as near-duplicates."""
    heldout_packages: int = 0
    """Hold out at least so many whole packages, chosen by a hash of their names."""
    heldout_bytes: int = 0
    """Hold out at least so many bytes."""
    executor: Literal["local", "slurm", "ray"] = "local"
    """Where tasks run: on this machine, as jobs of Slurm, or on a Ray cluster."""
    slurm_partition: str | None = None
    """Partition of the Slurm jobs (default: main)."""
    ray_address: str | None = None
    """A running Ray cluster (default: RAY_ADDRESS, else one is started here)."""
    workers: int = 0
    """Tasks at a time; 0 takes one a core of this machine."""
    work: Path | None = None
    """Folder for intermediate results, shared by all machines (default: under INKLING_HOME)."""

    def run(self) -> int:
        self._check()
        require("datatrove", "train")
        from rich.console import Console

        from curation.pipeline import run_curation
        from curation.reach import check_machines
        from curation.removal import entries_without_hit, without_hit_text
        from curation.work_folder import remove_former_layout

        console = Console()
        work, machines = self.work or home() / "work" / "curation", self._machines()
        for folder in (self.out.expanduser().parent, work.expanduser()):
            check_writable(folder)
        check_machines(machines, console.print)
        if self.work is None:
            remove_former_layout(work)
        options = self.options()
        manifest = run_curation(options, self.out, work, machines, console)
        splits = (f"{n:,} documents ({split})" for split, n in manifest.documents.items())
        console.print(f"Wrote {' and '.join(splits) or 'no document'} to {self.out}.")
        if missed := without_hit_text(entries_without_hit(self.out, options.opt_out)):
            console.print(missed, markup=False, highlight=False)
        return 0

    def _check(self) -> None:
        """Refuse what can't be meant.

        Raises:
            InklingError: an unknown name, a value out of its range, or flags that don't fit.
        """
        self.check_rules()
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
        for flag, value, kind in (
            ("--slurm-partition", self.slurm_partition, "slurm"),
            ("--ray-address", self.ray_address, "ray"),
        ):
            if value is not None and self.executor != kind:
                raise InklingError(
                    f"{flag} is {value}, but the tasks run under the executor '{self.executor}'.",
                    f"Add --executor {kind}, or leave out {flag}.",
                )
        if min(self.workers, self.heldout_packages, self.heldout_bytes) < 0:
            raise InklingError(
                "The number of workers, or what to hold out, is below 0.", "Choose 0 or more."
            )

    def options(self) -> CurationOptions:
        """What the flags ask for."""
        from curation.heldout import HeldoutRule

        return self.curation_options(
            environment=self.environment,
            lock=self.lock,
            standard_library=self.standard_library,
            folders=self.folders,
            commits=self.commits,
            datasets=self.datasets,
            discussions=self.discussions,
            near_threshold=self.near_threshold,
            heldout=HeldoutRule(self.heldout_packages, self.heldout_bytes),
        )

    def _machines(self) -> Machines:
        from curation.executors import PARTITION, Machines

        return Machines(
            self.executor,
            self.workers or usable_cores(),
            partition=self.slurm_partition or PARTITION,
            ray_address=self.ray_address,
        )
