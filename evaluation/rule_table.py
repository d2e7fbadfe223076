"""`python -m evaluation rules`: what each curation rule drops of a labelled sample.

The sample is `data/quality_labels.csv`, files of installed packages (PyPI's by their names, others
as `npm:NAME` and `deb:NAME`), in four parts one after another: 72 Python files, some drawn from
what an early version of the rules had dropped; 390 of 22 languages, drawn by size, lengths of
lines, shares of kinds of characters and compressibility, and at random; 181 drawn on both sides of
each rule's bound; and 105 drawn so after the bounds had been mended on the other parts (two bounds
were moved once more by them). Each file got its verdict from its text, of longer ones from start,
middle and end, shuffled among the others, without a look at what a rule says of it or why it was
drawn. A file that isn't installed here, or has other content, is left out.
"""

from __future__ import annotations

import csv
import sysconfig
from collections import Counter
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from curation.options import CurationOptions
from curation.quality.cards import default_cards
from curation.shards import read_source_file
from curation.sources.source_file import SourceFile
from curation.stages.quality import QualityFilter
from inkling.errors import InklingError, flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from curation.stages.stage import Stage

FEW = 5
"""A precision on fewer files says nothing."""
_PYTHON_FOLDERS = ("purelib", "platlib", "stdlib")
_EXTENSION = Path(__file__).parents[1] / "vscode-extension"
_NEEDED_BY_LATER = frozenset({"readable", "language"})


@dataclass(frozen=True)
class Label:
    """One labelled file: `verdict` is `keep` or `drop`."""

    package: str
    version: str
    path: str
    sha256: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """A labelled file and the rules (stage and reason) that it breaks, in their order."""

    label: Label
    broken: tuple[str, ...]


@dataclass(frozen=True)
class RuleScore:
    """The files that break a rule: all, those that no earlier rule drops, those labelled 'drop'."""

    rule: str
    broken: int
    first: int
    rightly: int

    @property
    def precision(self) -> float:
        return self.rightly / self.broken


def read_labels(path: Path | None = None) -> list[Label]:
    """The labels in a table; without one, ours.

    Raises:
        InklingError: it can't be read, or has other columns.
    """
    table = path or files("evaluation").joinpath("data/quality_labels.csv")
    try:
        text = table.read_text(encoding="utf-8")
        return [Label(**row) for row in csv.DictReader(text.splitlines())]
    except (OSError, UnicodeDecodeError, TypeError) as error:
        raise InklingError(
            f"The table of labels {table} can't be read: {flaw(error)}.",
            "Give it the columns package, version, path, sha256, verdict and reason.",
        ) from error


def find_file(label: Label, folders: Sequence[Path] = ()) -> Path | None:
    """The labelled file in this environment, if it is there with the labelled content.

    Args:
        folders: where to look besides, for packages of Python, or of npm in `node_modules`.
    """
    for path in _places(label, folders):
        if path.is_file() and sha256(path.read_bytes()).hexdigest() == label.sha256:
            return path
    return None


def _places(label: Label, folders: Sequence[Path]) -> Iterator[Path]:
    kind, _, name = label.package.rpartition(":")
    if kind == "deb":
        yield Path("/", label.path)
    elif kind == "npm":
        for folder in (_EXTENSION, *folders):
            yield folder / "node_modules" / name / label.path
    else:
        for known in _PYTHON_FOLDERS:
            yield Path(sysconfig.get_path(known)) / label.path
        for folder in folders:
            yield folder / label.path


def judge(labels: Iterable[Label], folders: Sequence[Path] = ()) -> list[Judged]:
    """What every rule says of the files that are here."""
    stages = CurationOptions(policy="any", languages=(), redact=False).judging_stages()
    found = []
    for label in labels:
        path = find_file(label, folders)
        if path is not None:
            found.append(Judged(label, tuple(_broken_rules(label, path, stages))))
    return found


def _broken_rules(label: Label, path: Path, stages: Sequence[Stage]) -> Iterator[str]:
    size = path.stat().st_size
    file = SourceFile(str(path), label.package, label.path, None, None, None, size, 0)
    document = read_source_file(asdict(file), frozenset())
    for stage in stages:
        rows = [row for row in stage.explain(document) if not row.passed]
        yield from (f"{row.stage}: {row.rule}" for row in rows)
        if rows and stage.name in _NEEDED_BY_LATER:
            break  # without text or language the other rules have nothing to look at


def score(judged: Iterable[Judged]) -> list[RuleScore]:
    """Each rule's score, the busiest first."""
    broken: Counter[str] = Counter()
    first: Counter[str] = Counter()
    rightly: Counter[str] = Counter()
    for file in judged:
        first.update(file.broken[:1])
        broken.update(file.broken)
        if file.label.verdict == "drop":
            rightly.update(file.broken)
    return [
        RuleScore(rule, count, first[rule], rightly[rule]) for rule, count in broken.most_common()
    ]


@dataclass(frozen=True)
class RuleTable:
    """Say what each curation rule drops of a labelled sample, and how much of it rightly."""

    labels: Path | None = None
    """A table of labels to use instead of ours: package, version, path, sha256, verdict, reason."""
    packages: tuple[Path, ...] = ()
    """Folders with more of the labelled packages: of Python, or of npm in 'node_modules'."""
    last: int = 0
    """Only so many labels from the table's end; 105 came after all bounds but two were set."""

    def run(self) -> int:
        labels = read_labels(self.labels)[-self.last :]
        judged = judge(track(labels, "judging", transient=True), self.packages)
        scores = score(judged)
        console = Console()
        console.print(rule_table(scores, f"{len(judged)} of {len(labels)} labelled files are here"))
        rules = [f"{QualityFilter.name}: {card.name}" for card in default_cards()]
        silent = sorted(set(rules) - {row.rule for row in scores})
        console.print(f"No file here breaks: {', '.join(silent) or 'none; each rule has some'}.")
        wanted = [file for file in judged if file.label.verdict == "drop"]
        caught = sum(bool(file.broken) for file in wanted)
        wrongly = sum(bool(file.broken) for file in judged) - caught
        console.print(
            f"Of {len(wanted)} files labelled 'drop' {caught} are dropped, and {wrongly} of "
            f"{len(judged) - len(wanted)} labelled 'keep'. What should go and stays, by reason:"
        )
        left = Counter(file.label.reason for file in wanted if not file.broken)
        for reason, count in left.most_common():
            console.print(f"  {count:>3}  {reason}", markup=False)
        return 0


def rule_table(scores: Sequence[RuleScore], title: str) -> Table:
    """One row a rule; a precision on fewer than `FEW` files is in brackets."""
    table = Table(title=title, caption=f"in brackets: fewer than {FEW} files")
    for heading in ("rule", "break it", "dropped by it first", "rightly", "precision"):
        table.add_column(heading, justify="left" if heading == "rule" else "right")
    for row in scores:
        precision = f"{row.precision:.2f}"
        if row.broken < FEW:
            precision = f"({precision})"
        table.add_row(row.rule, str(row.broken), str(row.first), str(row.rightly), precision)
    return table
