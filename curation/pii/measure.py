"""How well a classifier does: precision and recall per class, on invented and on labelled code.

Held-out: templates, countries and documents that training never saw. Hand-labelled: places in real
files of packages, listed with hashes and offsets but without the values. `labelled.csv` was in view
while the classifier was made; `labelled_unseen.csv` was labelled before any classifier's answer was
seen, in packages that none was trained on. A value counts as found if a span of its class covers
all of it, and a span as right if it touches a value of its class.
"""

from __future__ import annotations

import csv
import sysconfig
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from curation.pii.labels import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LabelledSpan = tuple[int, int, str]
TABLES = ("labelled.csv", "labelled_unseen.csv")
_MOST_BEFORE, _AFTER = 15_000, 500
"""Characters before a labelled place (all of them or none) and behind it that are read as well."""
_FOLDERS = ("purelib", "platlib", "stdlib")


@dataclass(frozen=True)
class LabelledText:
    """A text and (start, end, class) of each value in it.

    Attributes:
        window: (start, end) of what was labelled; None: all of it. What comes before is there
            because only it tells strings and comments from code.
    """

    text: str
    spans: tuple[LabelledSpan, ...]
    window: tuple[int, int] | None = None

    def covers(self, start: int, end: int) -> bool:
        """Whether a place lies in what was labelled."""
        return self.window is None or (start < self.window[1] and self.window[0] < end)


@dataclass
class ClassScore:
    """Counts for one class."""

    values: int = 0
    found: int = 0
    claimed: int = 0
    right: int = 0

    @property
    def recall(self) -> float | None:
        return self.found / self.values if self.values else None

    @property
    def precision(self) -> float | None:
        return self.right / self.claimed if self.claimed else None


@dataclass
class Scores:
    """A score for each class, and the share of all text that was measured on."""

    classes: dict[str, ClassScore] = field(
        default_factory=lambda: {name: ClassScore() for name in CLASSES}
    )
    texts: int = 0


def score(texts: Iterable[LabelledText], find: Callable[[str], Iterable[LabelledSpan]]) -> Scores:
    """Compare what `find` finds in each text with its labels."""
    scores = Scores()
    for labelled in texts:
        found = find(labelled.text)
        claimed = [span for span in found if labelled.covers(span[0], span[1])]
        scores.texts += 1
        for start, end, kind in labelled.spans:
            row = scores.classes[kind]
            row.values += 1
            row.found += any(a <= start and end <= b and k == kind for a, b, k in claimed)
        for start, end, kind in claimed:
            if kind in scores.classes:
                row = scores.classes[kind]
                row.claimed += 1
                row.right += any(start < b and a < end and k == kind for a, b, k in labelled.spans)
    return scores


def read_labelled(table: str, packages: Path | None = None) -> Iterator[LabelledText]:
    """The hand-labelled places whose file is at hand with the labelled content.

    Args:
        table: a name of `TABLES`.
        packages: a folder of packages (`pip install --target`) to look into besides this Python's.
    """
    rows = files("curation.pii").joinpath(table).read_text(encoding="utf-8")
    folders = [Path(sysconfig.get_path(name)) for name in _FOLDERS]
    for row in csv.DictReader(rows.splitlines()):
        path = _find(row["path"], row["sha256"], [*folders, *([packages] if packages else [])])
        if path is None:
            continue
        text = path.read_bytes().decode("utf-8")
        start, end = int(row["start"]), int(row["end"])
        begin = 0 if start <= _MOST_BEFORE else start
        spans = []
        for label in row["labels"].split():
            kind, first, last = label.split(":")
            spans.append((int(first) - begin, int(last) - begin, kind))
        yield LabelledText(text[begin : end + _AFTER], tuple(spans), (start - begin, end - begin))


def _find(path: str, digest: str, folders: Iterable[Path]) -> Path | None:
    for folder in folders:
        candidate = folder / path
        if candidate.is_file() and sha256(candidate.read_bytes()).hexdigest() == digest:
            return candidate
    return None
