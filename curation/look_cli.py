"""`python -m curation why | inspect | report`: look into what curation does and did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import tyro  # noqa: TC002  # it reads the annotations at run time

from curation.rule_flags import RuleFlags
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from curation.options import CurationOptions

_WIDEST = 10_000
"""Characters of a line that goes into a pipe."""


@dataclass(frozen=True, kw_only=True)
class Why(RuleFlags):
    """Say for one file what every rule found and allows, and whether a run would keep it.

    Give the flags of the run that you ask about.
    """

    path: tyro.conf.Positional[Path]
    """The file."""
    corpus: Path | None = None
    """Also say what became of the file in this corpus (duplicates and held-out code included)."""
    root: Path | None = None
    """The folder that a run would be given (default: the checkout or project around the file)."""

    def run(self) -> int:
        self.check_rules()
        require("datatrove", "train")
        from rich.console import Console

        from curation.explain import (
            find_source,
            guessed_root,
            judge_file,
            record_in_corpus,
            verdict_table,
        )

        file = find_source(self.path, self.own_code, self.root)
        verdict = judge_file(file, self.curation_options().judging_stages())
        table, console = verdict_table(verdict), Console()
        if not console.is_terminal:
            # Whoever reads a pipe wants whole names, not columns of 80 characters.
            room = console.options.update(width=_WIDEST)
            console = Console(
                width=max(console.width, console.measure(table, options=room).maximum)
            )
        console.print(table)
        if self.root is None and (folder := guessed_root(file)) is not None:
            console.print(f"Asked as for a run over {folder}; --root names another.", markup=False)
        dropped = verdict.dropped_by
        hint = "" if self.corpus else "; whether it is a duplicate, --corpus FOLDER tells"
        if dropped is None:
            console.print(f"The rules for single files keep it{hint}.", markup=False)
        else:
            console.print(f"It is dropped by {dropped.stage}: {dropped.rule}.", markup=False)
        if self.corpus is not None:
            console.print(record_in_corpus(self.corpus, file), markup=False)
        return 0


@dataclass(frozen=True, kw_only=True)
class Inspect(RuleFlags):
    """Draw samples of each language and write their verdicts as one HTML page."""

    folders: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Folders or git checkouts to draw from."""
    out: Path = Path("inspect.html")
    """The page to write."""
    environment: bool = False
    """Draw from every package installed beside this Python."""
    standard_library: bool = False
    """Draw from this Python's standard library."""
    commits: tuple[Path, ...] = ()
    """Draw from the history of git checkouts."""
    datasets: tuple[str, ...] = ()
    """Draw from Parquet or JSON lines in The Stack's layout."""
    discussions: tuple[Path, ...] = ()
    """Draw from GH Archive-style files of events, or folders of such."""
    languages: tuple[str, ...] = ("all",)
    """Languages to draw from and to keep; 'all' draws from every known one."""
    samples: int = 100
    """Samples a language."""

    def run(self) -> int:
        if self.samples < 1:
            raise InklingError("No sample is asked for.", "Choose 1 sample or more.")
        self.check_rules()
        require("datatrove", "train")
        options = self.curation_options(
            environment=self.environment,
            standard_library=self.standard_library,
            folders=self.folders,
            commits=self.commits,
            datasets=self.datasets,
            discussions=self.discussions,
        )
        with TemporaryDirectory() as folder:
            self._write_page(options, Path(folder))
        return 0

    def _write_page(self, options: CurationOptions, spool: Path) -> None:
        """Draw, judge and write; `spool` takes the documents that are no files meanwhile."""
        from rich.progress import track

        from curation.inspect_page import draw_samples, inspect_page
        from curation.options import list_sources, list_spooled
        from inkling.atomic import write_text

        files = chain(list_sources(options), list_spooled(options, spool))
        notebooks = self.notebooks != "skip"
        drawn = draw_samples(files, self.chosen_languages, self.samples, notebooks)
        total = sum(map(len, drawn.values()))
        if not total:
            raise InklingError(
                "The sources hold no file of these languages.",
                "Name a folder with source code, or --environment.",
            )
        bar = iter(track(range(total + 1), description="judging", transient=True))
        page = inspect_page(drawn, options.judging_stages(), lambda: next(bar, None))
        write_text(self.out, page)
        print(f"Wrote {total:,} samples of {len(drawn)} languages to {self.out}.")


@dataclass(frozen=True)
class Report:
    """Write a corpus's data card: sources, funnel with picture, licences, what was redacted."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    out: Path | None = None
    """Folder for the card (default: the corpus's)."""

    def run(self) -> int:
        require("pyarrow", "train")
        from curation.data_card import write_report

        print(f"Wrote {write_report(self.corpus, self.out or self.corpus)}.")
        return 0
