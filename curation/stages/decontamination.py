"""Stage "decontamination": drops files that hold text of a benchmark, and says which lines.

Any 10 words in a row that a benchmark has too (Qwen2.5-Coder, OpenCoder, DeepSeek-Coder), without
regard to case; and for docstrings and solutions too short for that, the whole text as a substring
(StarCoder), without regard to case and spacing. A longer text can't be a substring without sharing
its word runs. Runs that say nothing are left out: those with fewer than six different words, where
all numbers count as one (0, 1, 2, … is nobody's), and those that four tasks share, such as a
licence, an import block or the head of a test.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from curation.stages.signature import windows, word_hashes
from curation.stages.stage import Drop, Explanation, Stage, span_of_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from datatrove.data import Document

    from curation.benchmarks import BenchmarkText

WORDS = 10
_LEAST_DIFFERENT = 6
_COMMON_TASKS = 4
"""A run of words that so many tasks of a benchmark share belongs to none of them."""
_SHORTEST_SUBSTRING = 40
_MOST_PLACES = 20
_SHOWN = 80
"""Characters of a match that are shown."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Contamination:
    """One match: which task, by which test, the lines (from 1) it stands on, and how it begins."""

    task: str
    test: str
    first_line: int
    last_line: int
    text: str

    def __str__(self) -> str:
        lines = f"lines {self.first_line}-{self.last_line}"
        return f"{self.task} ({self.test}), {lines}: {_shortened(self.text)!r}"


@dataclass(frozen=True)
class BenchmarkIndex:
    """What to look for: the hashes of word runs with their tasks, and whole texts.

    Attributes:
        runs: sorted hashes of word runs, shape (n,), uint64.
        tasks: for each run the number of a task in `names`, shape (n,), int32.
        substrings: (squeezed text, task name).
    """

    names: tuple[str, ...] = ()
    runs: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    tasks: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    substrings: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        """The identity of what is looked for."""
        digest = hashlib.sha256(self.runs.tobytes())
        digest.update(repr(self.substrings).encode())
        return digest.hexdigest()


def build_index(texts: Iterable[BenchmarkText]) -> BenchmarkIndex:
    """Collect what of a benchmark is telling."""
    numbers: dict[str, int] = {}
    task_runs: dict[int, list[np.ndarray]] = {}
    squeezed: dict[str, set[str]] = {}
    for text in texts:
        number = numbers.setdefault(text.name, len(numbers))
        lowered = text.text.lower()
        hashes, starts = word_hashes(lowered)
        is_number = np.array([lowered[start].isdigit() for start in starts], dtype=bool)
        runs = _telling_runs(hashes, is_number)
        task_runs.setdefault(number, []).append(runs)
        short = _squeeze(text.text)
        if not len(runs) and len(short) >= _SHORTEST_SUBSTRING:
            squeezed.setdefault(short, set()).add(text.name)
    pairs = [(run, n) for n, parts in task_runs.items() for run in np.unique(np.concatenate(parts))]
    often = Counter(run for run, _ in pairs)
    kept = sorted((run, n) for run, n in pairs if often[run] < _COMMON_TASKS)
    return BenchmarkIndex(
        tuple(numbers),
        np.array([run for run, _ in kept], dtype=np.uint64),
        np.array([n for _, n in kept], dtype=np.int32),
        tuple(
            (text, min(names))
            for text, names in sorted(squeezed.items())
            if len(names) < _COMMON_TASKS
        ),
    )


def find_contamination(text: str, index: BenchmarkIndex) -> list[Contamination]:
    """Every match in a text: for each task its first to last matching run, then substrings."""
    found = list(_matching_runs(text, index))
    squeezed = _squeeze(text) if index.substrings else ""
    for wanted, task in index.substrings:
        if wanted in squeezed:
            first, last = _lines_of(text, wanted)
            found.append(Contamination(task, "substring", first, last, wanted))
    return found


def _matching_runs(text: str, index: BenchmarkIndex) -> Iterable[Contamination]:
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters become two: the places are those of the lowered
        text = lowered
    hashes, starts = word_hashes(lowered)
    if len(hashes) < WORDS or not len(index.runs):
        return
    runs = windows(hashes, WORDS)
    places = np.searchsorted(index.runs, runs)
    places[places == len(index.runs)] = 0
    hits = np.flatnonzero(index.runs[places] == runs)
    by_task: dict[int, list[int]] = {}
    for hit in hits:
        by_task.setdefault(int(index.tasks[places[hit]]), []).append(int(hit))
    for task, matches in by_task.items():
        first = text.count("\n", 0, int(starts[matches[0]])) + 1
        end = min(matches[-1] + WORDS - 1, len(starts) - 1)
        last = text.count("\n", 0, int(starts[end])) + 1
        after = matches[0] + WORDS
        stop = int(starts[after]) if after < len(starts) else len(text)
        run = text[int(starts[matches[0]]) : stop]
        yield Contamination(index.names[task], f"{WORDS} words", first, last, run)


def _telling_runs(hashes: np.ndarray, is_number: np.ndarray) -> np.ndarray:
    """Hashes of the word runs that have enough different words.

    Args:
        is_number: which words are numbers, shape (n,), bool.
    """
    if len(hashes) < WORDS:
        return np.zeros(0, dtype=np.uint64)
    compared = np.where(is_number, np.uint64(0), hashes)
    views = np.lib.stride_tricks.sliding_window_view(compared, WORDS)
    ordered = np.sort(views, axis=1)
    different = 1 + np.count_nonzero(np.diff(ordered, axis=1), axis=1)
    runs: np.ndarray = windows(hashes, WORDS)[different >= _LEAST_DIFFERENT]
    return runs


def _shortened(text: str) -> str:
    squeezed = _SPACE.sub(" ", text).strip()
    return squeezed if len(squeezed) <= _SHOWN else f"{squeezed[:_SHOWN]}…"


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", text).strip().lower()


def _lines_of(text: str, squeezed: str) -> tuple[int, int]:
    """The lines that a squeezed substring of a text covers."""
    pattern = r"\s+".join(map(re.escape, squeezed.split(" ")))
    match = re.search(pattern, text, re.IGNORECASE)
    if match is None:  # case-folding that changes a length
        return 1, text.count("\n") + 1
    first = text.count("\n", 0, match.start()) + 1
    return first, first + match[0].count("\n")


class DecontaminationFilter(Stage):
    """Drops files in which a benchmark's text occurs; the detail names the matched lines."""

    name = "decontamination"
    reads = ()

    def __init__(self, index: BenchmarkIndex) -> None:
        super().__init__()
        self.index = index
        self.version = f"3 {index.sha256[:12]}"  # results hold for this benchmark's content only

    def judge(self, document: Document) -> Drop | None:
        found = find_contamination(document.text, self.index)
        if not found:
            return None
        return Drop("benchmark", "; ".join(map(str, found[:_MOST_PLACES])))

    def explain(self, document: Document) -> list[Explanation]:
        found = find_contamination(document.text, self.index)
        return [
            Explanation(
                self.name,
                match.test,
                str(match),
                "none",
                False,
                span_of_lines(document.text, match.first_line, match.last_line),
            )
            for match in found
        ] or super().explain(document)
