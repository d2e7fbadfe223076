"""How well and how fast a text's source is found: `python -m evaluation attribution`.

The same corpus and the same questions for our index and its peers, one after the other in one
process. Peers are compared at equal false alarms: each gets the threshold at which its false alarms
on held-out code are at most ours. A report, not a test: times hold for this machine and its load.
"""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from attribution.build import build_index, plan_build
from attribution.corpus_reader import read_documents, shards
from attribution.index import open_index
from evaluation.attribution_cold import read_files
from evaluation.attribution_peers import (
    InfiniGram,
    MinHashes,
    Ours,
    Prefilter,
    StridedBloom,
    System,
    Trigrams,
    Winnowing,
)
from evaluation.attribution_queries import FORMS, HELD_OUT, Document, Question, questions
from inkling.atomic import write_json
from inkling.corpus import HELDOUT
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_COLD = 100
_OWN_SYSTEMS = 3


@dataclass(frozen=True)
class Result:
    """What one system did.

    Attributes:
        build_s: seconds of CPU; None if it shares another system's build.
        ratio: size of the index divided by that of the text, the text itself left out.
        ms: milliseconds a question, in the order of the questions.
        cold_ms: with its files dropped from memory before each of some questions.
        cpu_ms: milliseconds of CPU a question, which other work on the machine hardly changes.
        scores, named: of each question the score, and the source that was named.
    """

    name: str
    build_s: float | None
    ratio: float
    ms: list[float]
    cold_ms: list[float]
    scores: list[float]
    named: list[int | None]
    cpu_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class AttributionBench:
    """Recall, false alarms, time and size of source lookup, beside peers."""

    corpus: Path
    """Corpus folder, as 'python -m curation run' wrote it; its held-out side is what none has."""
    mb: float = 200
    """Text to index, in MB."""
    questions: int = 200
    """Pieces of indexed code; each is asked in every form."""
    held_out: int = 1000
    """Pieces of code that no system holds, for false alarms."""
    peers: bool = True
    """Whether to build and ask the peers, too; without them many more pieces can be asked."""
    out: Path | None = None
    """File for all figures, as JSON."""

    def run(self) -> int:
        indexed, held_out = load(self.corpus, self.mb)
        asked = questions(indexed, held_out, self.questions, self.held_out)
        text_bytes = sum(len(document.text.encode()) for document in indexed)
        console = Console()
        console.print(
            f"{len(indexed):,} files, {text_bytes / 1e6:,.1f} MB; {len(asked):,} questions; "
            f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
            if hasattr(os, "getloadavg")
            else f"{len(indexed):,} files"
        )
        results: list[Result] = []
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(self.corpus, indexed, asked, text_bytes, Path(folder), console)
            # Our tiers come first.
            for result in measured if self.peers else islice(measured, _OWN_SYSTEMS):
                results.append(result)
                if self.out is not None:
                    write_json(self.out, [summary(item, asked, results[0]) for item in results])
        console.print(speed_table(results))
        console.print(recall_table(results, asked))
        return 0


def load(corpus: Path, mb: float) -> tuple[list[Document], list[Document]]:
    """Documents of whole shards up to `mb` of text, and all held-out ones.

    Raises:
        InklingError: the corpus has no held-out side, or is damaged.
    """
    indexed: list[Document] = []
    held_out: list[Document] = []
    size = 0.0
    for shard in shards(corpus):
        if size < mb * 1e6:
            for row, text in read_documents(shard):
                indexed.append(Document(len(indexed), row.repo, row.path, text.decode()))
                size += len(text)
        for row, text in read_documents(shard, HELDOUT):
            held_out.append(Document(len(held_out), row.repo, row.path, text.decode()))
    if not indexed or not held_out:
        raise InklingError(
            f"The corpus {corpus} has no held-out side to count false alarms on.",
            "Curate with --heldout-packages.",
        )
    return indexed, held_out


def measure(
    corpus: Path,
    indexed: Sequence[Document],
    asked: Sequence[Question],
    text_bytes: int,
    folder: Path,
    console: Console,
) -> Iterator[Result]:
    """Build every system and ask it everything; ours first."""
    part = _partial_corpus(corpus, len(indexed), folder / "corpus")
    before = time.process_time()
    build_index(plan_build(part, folder / "index"))
    built = time.process_time() - before
    index = open_index(folder / "index", in_memory=True)
    numbers = {(document.repo, document.path): document.number for document in indexed}
    ours = Ours(index, numbers)
    systems: list[tuple[Callable[[], System], float | None]] = [
        (lambda: Ours(index, numbers, 0), None),
        (lambda: Prefilter(index), None),
        (lambda: StridedBloom(indexed), 0.0),
        (lambda: Winnowing(indexed), 0.0),
        (lambda: InfiniGram(indexed, folder), 0.0),
        (lambda: Trigrams(indexed, folder), 0.0),
        (lambda: MinHashes(indexed), 0.0),
    ]
    read_files(index)  # for times with a warm cache; those with a cold one are taken afterwards
    yield _ask_all(ours, built, asked, text_bytes)
    read_files(index)
    for make, shared in systems:
        before = _cpu_seconds()
        try:
            system = make()
        except (InklingError, subprocess.CalledProcessError) as error:
            console.print(f"left out: {error}")
            continue
        spent = None if shared is None else _cpu_seconds() - before
        console.print(f"asking {system.name}")
        yield _ask_all(system, spent, asked, text_bytes)


def _partial_corpus(corpus: Path, documents: int, folder: Path) -> Path:
    """A corpus of the first shards, with as many training documents."""
    (folder / "documents").mkdir(parents=True)
    (folder / "corpus.json").write_bytes((corpus / "corpus.json").read_bytes())
    count = 0
    for shard in shards(corpus):
        if count >= documents:
            break
        count += sum(1 for _ in read_documents(shard))
        (folder / "documents" / shard.name).write_bytes(shard.read_bytes())
    return folder


def _ask_all(
    system: System,
    build_s: float | None,
    asked: Sequence[Question],
    text_bytes: int,
) -> Result:
    ms: list[float] = []
    cpu_ms: list[float] = []
    scores: list[float] = []
    named: list[int | None] = []
    for question in track(asked, system.name, transient=True):
        before, spent = time.perf_counter(), time.process_time()
        score, source = system.ask(question.text)
        ms.append((time.perf_counter() - before) * 1000)
        cpu_ms.append((time.process_time() - spent) * 1000)
        if isinstance(system, Ours) and score and question.source in system.named:
            source = question.source
        scores.append(score)
        named.append(source)
    cold_ms = _cold_times(system, asked[: _COLD * len(FORMS) : len(FORMS)])
    return Result(
        system.name, build_s, system.size / text_bytes, ms, cold_ms, scores, named, cpu_ms
    )


def _cpu_seconds() -> float:
    """Of this process and the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _cold_times(system: System, asked: Sequence[Question]) -> list[float]:
    """Milliseconds a question with the system's files dropped from memory before each."""
    times: list[float] = []
    for question in asked:
        if not system.cool():
            return []
        before = time.perf_counter()
        system.ask(question.text)
        times.append((time.perf_counter() - before) * 1000)
    return times


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if not total:
        return 0.0, 1.0
    z, share = 1.959964, hits / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - half) / (1 + z * z / total), (middle + half) / (1 + z * z / total)


def threshold(result: Result, asked: Sequence[Question], alarms: int) -> float:
    """The lowest score at which a system has at most `alarms` false alarms."""
    scores = sorted(
        (s for s, q in zip(result.scores, asked, strict=True) if q.kind == HELD_OUT), reverse=True
    )
    above = scores[alarms] if alarms < len(scores) else 0.0
    return math.nextafter(max(above, 0.0), math.inf)


def summary(result: Result, asked: Sequence[Question], ours: Result) -> dict[str, Any]:
    """All figures of a system: shares with their intervals, at as many false alarms as ours."""
    unseen = [n for n, question in enumerate(asked) if question.kind == HELD_OUT]
    allowed = sum(ours.scores[n] > 0 for n in unseen)
    limit = threshold(result, asked, allowed)
    shares: dict[str, Any] = {}
    for kind in (*FORMS, HELD_OUT):
        rows = [n for n, question in enumerate(asked) if question.kind == kind]
        hits = sum(result.scores[n] >= limit for n in rows)
        right = sum(
            result.scores[n] >= limit and result.named[n] == asked[n].source is not None
            for n in rows
        )
        low, high = wilson(hits, len(rows))
        shares[kind] = {
            "share": hits / max(1, len(rows)),
            "low": low,
            "high": high,
            "source": right / max(1, len(rows)),
        }
    return {
        "name": result.name,
        "build_s": result.build_s,
        "ratio": result.ratio,
        "ms": _percentiles(result.ms),
        "cpu_ms": _percentiles(result.cpu_ms),
        "cold_ms": _percentiles(result.cold_ms),
        "threshold": limit,
        "alarms_of_any_score": sum(result.scores[n] > 0 for n in unseen) / max(1, len(unseen)),
        "shares": shares,
    }


def _percentiles(ms: Sequence[float]) -> dict[str, float]:
    return {f"p{p}": float(np.percentile(ms, p)) for p in (50, 95, 99)} if ms else {}


def speed_table(results: Sequence[Result]) -> Table:
    """Build time, size and time a question."""
    table = Table(
        "system", "build s CPU", "size / text", "p50 ms", "p95", "p99", "p95 of CPU",
        "cold p50", "p95", "p99",
    )  # fmt: skip
    for result in results:
        warm, cold = _percentiles(result.ms), _percentiles(result.cold_ms)
        table.add_row(
            result.name,
            "–" if result.build_s is None else f"{result.build_s:,.1f}",
            f"{result.ratio:.3f}",
            *(f"{warm[p]:.2f}" for p in ("p50", "p95", "p99")),
            f"{_percentiles(result.cpu_ms)['p95']:.2f}",
            *(f"{cold[p]:.1f}" if cold else "–" for p in ("p50", "p95", "p99")),
        )
    return table


def recall_table(results: Sequence[Result], asked: Sequence[Question]) -> Table:
    """Share found (and with the right source named), at as many false alarms as ours."""
    rows = [summary(result, asked, results[0]) for result in results]
    table = Table("form", *(row["name"] for row in rows))
    for kind in (*FORMS, HELD_OUT):
        cells = []
        for row in rows:
            share = row["shares"][kind]
            cells.append(
                f"{share['share']:.3f} [{share['low']:.3f}, {share['high']:.3f}]"
                + ("" if kind == HELD_OUT else f" ({share['source']:.2f})")
            )
        table.add_row(kind, *cells)
    table.add_row("held out, any score", *(f"{row['alarms_of_any_score']:.3f}" for row in rows))
    return table
