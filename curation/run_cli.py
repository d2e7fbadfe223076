"""`python -m curation run`: what to read, what to keep, and where to do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import tyro  # noqa: TC002  # it reads the annotations at run time

from curation.quality.cards import all_cards
from inkling.atomic import check_writable
from inkling.errors import InklingError, require
from inkling.languages import BY_NAME
from inkling.optout import read_list
from inkling.settings import home, usable_cores

if TYPE_CHECKING:
    from collections.abc import Collection

    from curation.executors import Machines
    from curation.options import CurationOptions


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
    commits: tuple[Path, ...] = ()
    """Git checkouts whose history to read: code before, message, code after."""
    datasets: tuple[str, ...] = ()
    """Parquet or JSON lines in The Stack's layout: files, folders, or addresses (s3://, hf://)."""
    discussions: tuple[Path, ...] = ()
    """GH Archive-style files of events: issues and pull requests."""
    notebooks: Literal["skip", "structured", "script"] = "skip"
    """What to make of Jupyter notebooks: nothing, cells with outputs, or scripts."""
    languages: tuple[str, ...] = ("python",)
    """Languages to keep; 'all' keeps every known one."""
    own_code: bool = False
    """The folders are your own: keep their files whatever their licence, and prefer them."""
    license_policy: Literal["permissive", "copyleft", "any"] = "permissive"
    """What else to keep: permissive licences, those and copyleft, or everything."""
    opt_out: Path | None = None
    """The opt-out list (default: opt-out.txt under INKLING_HOME, if there is one)."""
    drop_vendored: bool = False
    """Drop copies of others' code (node_modules, _vendor, jquery.js …)."""
    clean: bool = False
    """Remove licence headers and commented-out code, line by line."""
    redact: bool = True
    """Replace secrets, e-mail and IP addresses."""
    pii: str | None = None
    """Find names as well, by a token classifier: 'shipped', or a folder with one in ONNX."""
    perplexity: Path | None = None
    """Drop what this model finds too surprising; 'python -m curation perplexity' makes one."""
    most_bits: float = 4.0
    """With --perplexity: the most bits a byte that a file may take."""
    cards: tuple[str, ...] = ()
    """Quality cards to use besides the default ones; 'cards' lists all."""
    without_cards: tuple[str, ...] = ()
    """Quality cards to leave out."""
    benchmarks: tuple[str, ...] = ()
    """Benchmarks (files, folders, or addresses such as hf://…) whose text to keep out."""
    near_threshold: float = 0.7
    """Estimated Jaccard similarity from which two files count as near-duplicates."""
    heldout_packages: int = 0
    """Hold out at least so many whole packages, chosen by a hash of their names."""
    heldout_bytes: int = 0
    """Hold out at least so many bytes."""
    executor: Literal["local", "slurm", "ray"] = "local"
    """Where tasks run: on this machine, as jobs of Slurm, or on a Ray cluster."""
    slurm_partition: str = "main"
    """Partition of the Slurm jobs."""
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

        console = Console()
        work, machines = self.work or home() / "work" / "curation", self._machines()
        for folder in (self.out.expanduser().parent, work.expanduser()):
            check_writable(folder)
        check_machines(machines, console.print)
        manifest = run_curation(self._options(), self.out, work, machines, console)
        splits = (f"{n:,} documents ({split})" for split, n in manifest.documents.items())
        console.print(f"Wrote {' and '.join(splits) or 'no document'} to {self.out}.")
        return 0

    def _check(self) -> None:
        """Refuse what can't be meant.

        Raises:
            InklingError: an unknown name, a value out of its range, or flags that don't fit.
        """
        _check_names("language", self._languages, BY_NAME)
        cards = sorted(card.name for card in all_cards())
        _check_names("quality card", (*self.cards, *self.without_cards), cards)
        if not 0 < self.near_threshold <= 1:
            raise InklingError(
                f"The near-duplicate threshold is {self.near_threshold}.",
                "Choose a value above 0 and up to 1.",
            )
        if self.most_bits <= 0:
            raise InklingError(f"Files may take {self.most_bits} bits a byte.", "Choose 4, say.")
        if self.lock is not None and not self.environment:
            raise InklingError(
                f"The lock file {self.lock} says which packages of an environment to read, "
                "but none is to be read.",
                "Add --environment.",
            )
        if self.pii is not None and not self.redact:
            raise InklingError(
                "A token classifier finds what to redact, but nothing is to be redacted.",
                "Leave out --pii or --no-redact.",
            )
        if min(self.workers, self.heldout_packages, self.heldout_bytes) < 0:
            raise InklingError(
                "The number of workers, or what to hold out, is below 0.", "Choose 0 or more."
            )

    @property
    def _languages(self) -> tuple[str, ...]:
        return () if self.languages == ("all",) else self.languages

    def _options(self) -> CurationOptions:
        from curation.heldout import HeldoutRule
        from curation.options import CurationOptions

        return CurationOptions(
            environment=self.environment,
            lock=self.lock,
            standard_library=self.standard_library,
            folders=self.folders,
            commits=self.commits,
            datasets=self.datasets,
            discussions=self.discussions,
            notebooks=self.notebooks,
            languages=self._languages,
            own_folders=self.own_code,
            policy=self.license_policy,
            opt_out=read_list(self.opt_out),
            drop_vendored=self.drop_vendored,
            clean=self.clean,
            redact=self.redact,
            pii=self.pii,
            perplexity=self.perplexity,
            most_bits=self.most_bits,
            cards=self.cards,
            without_cards=self.without_cards,
            benchmarks=self.benchmarks,
            near_threshold=self.near_threshold,
            heldout=HeldoutRule(self.heldout_packages, self.heldout_bytes),
        )

    def _machines(self) -> Machines:
        from curation.executors import Machines

        return Machines(
            self.executor,
            self.workers or usable_cores(),
            partition=self.slurm_partition,
            ray_address=self.ray_address,
        )


def _check_names(kind: str, names: tuple[str, ...], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise InklingError(f"There is no {kind} '{name}'.", f"Known are: {', '.join(known)}.")
