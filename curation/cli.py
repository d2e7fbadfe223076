"""`python -m curation`: the command line of curation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from curation.format_cli import Repositories
from curation.look_cli import Inspect, Report, Why
from curation.opt_out_cli import OptOutCommand
from curation.quality.cards import all_cards
from inkling.errors import InklingError, require, run_command
from inkling.languages import BY_NAME
from inkling.optout import read_list
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
        known = {card.name for card in all_cards()}
        for name in (*self.cards, *self.without_cards):
            if name not in known:
                raise InklingError(
                    f"There is no quality card '{name}'.", f"Known are: {', '.join(sorted(known))}."
                )
        require("datatrove", "train")
        from rich.console import Console

        from curation.heldout import HeldoutRule
        from curation.options import CurationOptions
        from curation.pipeline import run_curation

        options = CurationOptions(
            environment=self.environment,
            lock=self.lock,
            standard_library=self.standard_library,
            folders=self.folders,
            commits=self.commits,
            datasets=self.datasets,
            discussions=self.discussions,
            notebooks=self.notebooks,
            languages=languages,
            own_folders=self.own_code,
            policy=self.license_policy,
            opt_out=read_list(self.opt_out),
            drop_vendored=self.drop_vendored,
            clean=self.clean,
            redact=self.redact,
            cards=self.cards,
            without_cards=self.without_cards,
            benchmarks=self.benchmarks,
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
class Cards:
    """List the quality cards: what each looks at, which values pass, and who found the bound."""

    def run(self) -> int:
        for card in all_cards():
            scope = ", ".join(card.languages) or "all languages"
            state = "" if card.default else " (off by default)"
            print(f"{card.name}{state}: {card.signal} {card.bounds}; {scope}")
            for language, bounds in card.by_language.items():
                print(f"    {language}: {bounds if bounds else 'off'}")
            print(f"    {card.why} Source: {card.source}.")
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
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Lock, tyro.conf.subcommand("lock")]
    | Annotated[Cards, tyro.conf.subcommand("cards")]
    | Annotated[Why, tyro.conf.subcommand("why")]
    | Annotated[Inspect, tyro.conf.subcommand("inspect")]
    | Annotated[Report, tyro.conf.subcommand("report")]
    | Annotated[Repositories, tyro.conf.subcommand("repositories")]
    | Annotated[tyro.conf.OmitArgPrefixes[OptOutCommand], tyro.conf.subcommand("opt-out")]
)


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and run the command they name."""

    def command() -> int:
        parsed = tyro.cli(Command, args=arguments, prog="inkling curation", description=__doc__)
        return int(parsed.run())

    return run_command(command)
