"""`python -m curation pii train | measure`: make the token classifier, and say how good one is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from rich.table import Table

    from curation.pii.measure import Scores


@dataclass(frozen=True)
class Train:
    """Train the small classifier on a corpus into which invented values are put."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    out: Path = Path("classifiers/pii")
    """Folder to write; replaced when training is done."""
    minutes: float = 10.0
    """At most so long."""
    steps: int = 20_000
    """At most so many steps of 32 samples."""
    seed: int = 7
    """Draws samples and values."""

    def run(self) -> int:
        if self.minutes <= 0 or self.steps < 1:
            raise InklingError("No training is asked for.", "Give it minutes and steps.")
        for module in ("torch", "faker", "tokenizers", "pyarrow"):
            require(module, "train")
        from rich.console import Console

        from curation.pii.train import TaggerTraining, train_tagger

        options = TaggerTraining(minutes=self.minutes, steps=self.steps, seed=self.seed)
        train_tagger(self.corpus, self.out, options, Console())
        print(f"Wrote {self.out}.")
        return 0


@dataclass(frozen=True)
class Measure:
    """Precision and recall by class: on invented values in held-out code, and on labelled code."""

    classifier: str = "shipped"
    """Folder of a token classifier, or 'shipped'."""
    corpus: Path | None = None
    """A corpus with a held-out split, for the invented values (default: labelled code only)."""
    packages: Path | None = None
    """Folder of more packages with labelled files, as 'pip install --target' makes it."""
    samples: int = 1_500
    """Samples with invented values."""

    def run(self) -> int:
        from rich.console import Console

        from curation.pii.classifier import folder_of, load_classifier
        from curation.pii.measure import TABLES, LabelledText, read_labelled, score
        from curation.redaction.redact import find_spans

        classifier = load_classifier(folder_of(self.classifier))
        console = Console()

        def alone(text: str) -> list[tuple[int, int, str]]:
            return [(f.start, f.end, f.label) for f in classifier.find_sure(text)]

        def together(text: str) -> list[tuple[int, int, str]]:
            return [(s.start, s.end, s.kind) for s in find_spans(text, "python", classifier)]

        if self.corpus is not None:
            for module in ("faker", "pyarrow"):
                require(module, "train")
            from curation.pii.heldout import heldout_samples

            drawn = heldout_samples(self.corpus, self.samples)
            texts = [LabelledText(sample.text, sample.spans) for sample in drawn]
            console.print(_table("invented values: classifier alone", score(texts, alone)))
            console.print(_table("invented values: as redacted", score(texts, together)))
        for name in TABLES:
            labelled = list(read_labelled(name, self.packages))
            console.print(_table(f"{name}: classifier alone", score(labelled, alone)))
            console.print(_table(f"{name}: as redacted", score(labelled, together)))
        return 0


def _table(title: str, scores: Scores) -> Table:
    from rich.table import Table

    table = Table(title=f"{title} ({scores.texts:,} texts)")
    for heading in ("class", "values", "recall", "claimed", "precision"):
        table.add_column(heading, justify="left" if heading == "class" else "right")
    for name, row in scores.classes.items():
        recall = "" if row.recall is None else f"{row.recall:.3f}"
        precision = "" if row.precision is None else f"{row.precision:.3f}"
        table.add_row(name, f"{row.values:,}", recall, f"{row.claimed:,}", precision)
    return table


PiiCommand = (
    Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Measure, tyro.conf.subcommand("measure")]
)
