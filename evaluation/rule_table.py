"""`python -m evaluation rules`: what each curation rule drops of a labelled sample.

The sample is `data/quality_labels.csv`: 72 files of installed packages and the standard library, a
part drawn from what an earlier version of the rules had dropped. Each got its verdict from its
text, without a look at the reason for which a rule had dropped it. A file that isn't installed
here, or has other content, is left out.
"""

from __future__ import annotations

import csv
import sysconfig
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from rich.console import Console
from rich.table import Table

from curation.explain import judge_file
from curation.options import CurationOptions
from curation.sources.source_file import SourceFile
from inkling.errors import InklingError, flaw

_FOLDERS = ("purelib", "platlib", "stdlib")


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
class RuleScore:
    """What one rule (stage and reason) dropped, and how much of it the labels drop as well."""

    rule: str
    dropped: int
    rightly: int

    @property
    def precision(self) -> float:
        return self.rightly / self.dropped


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


def find_file(label: Label) -> Path | None:
    """The labelled file in this environment, if it is there with the labelled content."""
    for folder in _FOLDERS:
        path = Path(sysconfig.get_path(folder)) / label.path
        if path.is_file() and sha256(path.read_bytes()).hexdigest() == label.sha256:
            return path
    return None


def judge(labels: list[Label]) -> dict[str, tuple[Label, str | None]]:
    """Hash → (label, the rule that drops the file or None) for the files that are here."""
    stages = CurationOptions(policy="any", redact=False).judging_stages()
    found = {}
    for label in labels:
        path = find_file(label)
        if path is not None:
            size = path.stat().st_size
            file = SourceFile(str(path), label.package, label.path, None, None, None, size, 0)
            dropped = judge_file(file, stages).dropped_by
            rule = f"{dropped.stage}: {dropped.rule}" if dropped else None
            found[label.sha256 + label.path] = (label, rule)
    return found


def score(judged: dict[str, tuple[Label, str | None]]) -> list[RuleScore]:
    """Each rule's score, the busiest first."""
    dropped: Counter[str] = Counter()
    rightly: Counter[str] = Counter()
    for label, rule in judged.values():
        if rule is not None:
            dropped[rule] += 1
            rightly[rule] += label.verdict == "drop"
    return [RuleScore(rule, count, rightly[rule]) for rule, count in dropped.most_common()]


@dataclass(frozen=True)
class RuleTable:
    """Say what each curation rule drops of a labelled sample, and how much of it rightly."""

    labels: Path | None = None
    """A table of labels to use instead of ours: package, version, path, sha256, verdict, reason."""

    def run(self) -> int:
        labels = read_labels(self.labels)
        judged = judge(labels)
        table = Table(title=f"{len(judged)} of {len(labels)} labelled files are installed here")
        for heading in ("rule", "dropped", "rightly", "precision"):
            table.add_column(heading, justify="left" if heading == "rule" else "right")
        scores = score(judged)
        for row in scores:
            cells = (row.rule, str(row.dropped), str(row.rightly), f"{row.precision:.2f}")
            table.add_row(*cells)
        console = Console()
        console.print(table)
        wanted = [(label, rule) for label, rule in judged.values() if label.verdict == "drop"]
        caught = sum(rule is not None for _, rule in wanted)
        console.print(
            f"Of {len(wanted)} files labelled 'drop', {caught} are dropped. Kept all the same:"
        )
        for label, rule in wanted:
            if rule is None:
                console.print(f"  {label.package}/{label.path}: {label.reason}", markup=False)
        return 0
