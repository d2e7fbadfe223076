"""`python -m curation why | inspect | report`: look into what curation does and did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro  # noqa: TC002  # it reads the annotations at run time

from inkling.errors import InklingError, require
from inkling.optout import read_list


@dataclass(frozen=True)
class Why:
    """Say for one file what every rule found and allows, and whether it would be kept."""

    path: tyro.conf.Positional[Path]
    """The file."""
    corpus: Path | None = None
    """Also say what became of the file in this corpus (duplicates and held-out code included)."""
    root: Path | None = None
    """The folder that a run would be given (default: the checkout or project around the file)."""
    languages: tuple[str, ...] = ()
    """Languages to keep; none named keeps every known one."""
    own_code: bool = False
    """The file is your own."""
    license_policy: Literal["permissive", "copyleft", "any"] = "permissive"
    """Which other licences to keep."""
    benchmarks: tuple[str, ...] = ()
    """Benchmarks whose text to keep out."""
    opt_out: Path | None = None
    """The opt-out list (default: opt-out.txt under INKLING_HOME, if there is one)."""
    pii: str | None = None
    """Show names as well, by a token classifier: 'shipped', or a folder with one in ONNX."""

    def run(self) -> int:
        require("datatrove", "train")
        from rich.console import Console

        from curation.explain import find_source, judge_file, record_in_corpus, verdict_table
        from curation.options import CurationOptions

        options = CurationOptions(
            languages=self.languages,
            policy=self.license_policy,
            benchmarks=self.benchmarks,
            opt_out=read_list(self.opt_out),
            pii=self.pii,
        )
        file = find_source(self.path, self.own_code, self.root)
        verdict = judge_file(file, options.judging_stages())
        console = Console()
        console.print(verdict_table(verdict))
        dropped = verdict.dropped_by
        if dropped is None:
            console.print("The rules for single files keep it.")
        else:
            console.print(f"It is dropped by {dropped.stage}: {dropped.rule}.", markup=False)
        if self.corpus is not None:
            console.print(record_in_corpus(self.corpus, file), markup=False)
        return 0


@dataclass(frozen=True)
class Inspect:
    """Draw samples of each language and write their verdicts as one HTML page."""

    folders: tyro.conf.Positional[tuple[Path, ...]] = ()
    """Folders or git checkouts to draw from."""
    out: Path = Path("inspect.html")
    """The page to write."""
    environment: bool = False
    """Draw from every package installed beside this Python."""
    standard_library: bool = False
    """Draw from this Python's standard library."""
    languages: tuple[str, ...] = ()
    """Languages to draw from; none named draws from every known one."""
    own_code: bool = False
    """The folders are your own."""
    samples: int = 100
    """Samples a language."""

    def run(self) -> int:
        if self.samples < 1:
            raise InklingError("No sample is asked for.", "Choose 1 sample or more.")
        require("datatrove", "train")
        from rich.progress import track

        from curation.inspect_page import draw_samples, inspect_page
        from curation.options import CurationOptions, list_sources
        from inkling.atomic import write_text

        options = CurationOptions(
            environment=self.environment,
            standard_library=self.standard_library,
            folders=self.folders,
            own_folders=self.own_code,
            languages=self.languages,
            opt_out=read_list(),
        )
        drawn = draw_samples(list_sources(options), self.languages, self.samples)
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
        return 0


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
