"""A large index and many completions: `python -m evaluation attribution-scale`.

No corpus of ten gigabytes is at hand, so a curated one is multiplied by seeded mutation: in every
further copy of a file half of the names are others and a third of the lines are those of another
file. That keeps the statistics that matter to a lookup (sizes, words, how often a fingerprint
comes back), not the meaning. Completions are those of a served model at random places of code that
the corpus has never seen, and beyond `--generated` what really follows there.

Reported: build rate, size, memory, every strong finding, to be classed by hand, and the time of a
check: warm, with pages dropped before each, and of all completions in a row with pages dropped
before the first one only, as when an editor has just been started.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path  # noqa: TC003  # tyro reads the annotations
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import track

from attribution.build import adopt_segment, entry_of
from attribution.corpus_reader import read_documents, shards
from attribution.findings import Scope
from attribution.index import (
    MANIFEST_NAME,
    SEGMENTS,
    IndexManifest,
    open_index,
    publish,
    read_index_manifest,
)
from attribution.matter import Tier
from attribution.query import examine
from attribution.segment_writer import SegmentWriter
from evaluation.attribution_bench import wilson
from evaluation.attribution_cold import drop_pages, read_files
from inkling.atomic import write_json
from inkling.corpus import HELDOUT, corpus_hash
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from attribution.documents import SourceDocument
    from attribution.findings import Report
    from attribution.index import Index

_NAME = re.compile(r"[A-Za-z_](?<![\w.\"'].)\w{3,}", re.ASCII)
_RECORD = "finished.json"
_SHORTEST_FILE, _LONGEST = 1000, 600
_COPIES = 1000
"""Numbers of copies that each segment has to itself."""
_NEGLIGIBLE = 0.02
"""Share of a segment that isn't worth a segment of its own."""


@dataclass(frozen=True)
class Asked:
    """A completion at a place (an offset) of a file, and whether a model wrote it."""

    file: str
    place: int
    text: str
    generated: bool

    @property
    def before(self) -> str:
        return self.file[: self.place]


@dataclass(frozen=True)
class Built:
    """A segment, the bytes of its text, and the CPU time that it took."""

    name: str
    bytes: int
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """MB of text a second of CPU."""
        return self.bytes / 1e6 / max(1e-9, self.cpu_seconds)


@dataclass(frozen=True)
class AttributionScale:
    """Build a large index from a multiplied corpus and check many completions against it."""

    corpus: Path
    """Corpus folder with a held-out side, as 'python -m curation run' wrote it."""
    out: Path
    """Folder of the large index; an interrupted build goes on there."""
    gb: float = 10
    """Text to index, in GB; takes 1.8 times that on disk."""
    segment_mb: float = 1000
    """Text of a segment, in MB; building one takes 7 times that of memory."""
    workers: int = 1
    """Segments that are built side by side."""
    completions: int = 10_000
    """Completions to check."""
    generated: int = 1_000
    """How many of them the model writes."""
    model: str | None = None
    """Bundle or GGUF file (default: the starter model)."""
    cold: int = 200
    """Checks with the index's pages dropped before each."""
    report: Path | None = None
    """File for all figures and findings, as JSON."""

    def run(self) -> int:
        console = Console()
        wanted = int(self.gb * 1e9), int(self.segment_mb * 1e6)
        for built in build(self.corpus, self.out, *wanted, self.workers):
            console.print(
                f"{built.name[:8]}: {built.bytes / 1e9:.2f} GB, {built.rate:.2f} MB/s of CPU"
            )
        index = open_index(self.out, in_memory=True)
        asked = list(self._asked())
        read_files(index)
        warm, reports = timed(index, asked)
        cold = list(cold_times(index, asked[: self.cold]))
        started_cold = timed(index, asked)[0] if drop_pages(index) else []
        times = {"warm_ms": warm, "cold_ms": cold, "cold_start_ms": started_cold}
        seconds = sum(built.cpu_seconds for built in built_before(self.out).values())
        figures = {
            "build_cpu_seconds": seconds,
            **summary(index, asked, reports),
            **percentiles(times),
        }
        console.print_json(json.dumps(figures))
        if self.report is not None:
            write_json(self.report, figures)
        return 0

    def _asked(self) -> Iterator[Asked]:
        generator = random.Random(4)
        texts = [
            text.decode()
            for shard in shards(self.corpus)
            for _, text in read_documents(shard, HELDOUT)
            if len(text) > _SHORTEST_FILE
        ]
        if not texts:
            raise InklingError(
                f"The corpus {self.corpus} has no held-out side.",
                "Curate with --heldout-packages.",
            )
        yield from generated(texts, self.generated, generator, self.model)
        for _ in range(self.completions - self.generated):
            text, place = _place(texts, generator)
            length = generator.randrange(40, _LONGEST)
            yield Asked(text, place, text[place : place + length], False)


def _place(texts: Sequence[str], generator: random.Random) -> tuple[str, int]:
    text = generator.choice(texts)
    return text, generator.randrange(200, len(text) - 40)


def generated(
    texts: Sequence[str], count: int, generator: random.Random, model: str | None
) -> Iterator[Asked]:
    """What the model writes at random places, as long as it can."""
    if not count:
        return
    from inkling.layout import split_at_cursor
    from inkling.settings import Settings
    from lsp_server.engine.records import CompletionRequest, Source
    from lsp_server.loading import open_engine

    with open_engine(Settings(model=model, threads=1)) as engine:
        for _ in track(range(count), "completing", transient=True):
            text, place = _place(texts, generator)
            context = split_at_cursor(text, place, path="module.py", repo="package")
            request = CompletionRequest(context, max_new_tokens=128, source=Source.MODEL)
            yield Asked(text, place, engine.complete(request).text, True)


def build(
    corpus: Path, out: Path, total: int, segment_bytes: int, workers: int = 1
) -> Iterator[Built]:
    """Build segments until they hold `total` bytes of text; yields those of this run.

    Args:
        workers: segments that are built side by side.
    """
    done = built_before(out)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {
            pool.submit(_build_segment, corpus, out, number, wanted): number
            for number, wanted in enumerate(_sizes(total, segment_bytes))
            if number not in done
        }
        for future in as_completed(futures):
            built = future.result()
            if built is None:  # what was left is less than a file
                continue
            done[futures[future]] = built
            write_json(out / _RECORD, {n: asdict(done[n]) for n in sorted(done)})
            yield built
    entries = [entry_of(out, done[number].name) for number in sorted(done)]
    has_one = (out / MANIFEST_NAME).is_file()
    current = read_index_manifest(out) if has_one else None
    publish(out, IndexManifest([corpus_hash(corpus)], entries), current)


def built_before(out: Path) -> dict[int, Built]:
    """Segments of earlier runs, by their numbers."""
    record = out / _RECORD
    if not record.is_file():
        return {}
    return {int(number): Built(**row) for number, row in json.loads(record.read_bytes()).items()}


def _sizes(total: int, segment_bytes: int) -> list[int]:
    """Bytes of text of each segment; what is left at the end is the last one's."""
    whole, left = divmod(total, segment_bytes)
    return [segment_bytes] * whole + [left] * (left > segment_bytes * _NEGLIGIBLE)


def _build_segment(corpus: Path, out: Path, number: int, wanted: int) -> Built | None:
    """Build one segment of `wanted` bytes at most; none where no file is as small."""
    started = time.process_time()
    temporary = out / SEGMENTS / f".scale-{number}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    writer = SegmentWriter(temporary)
    for document, text in _endless(corpus, number):
        if writer.size + len(text) > wanted:
            break
        writer.add(document, text)
    if not len(writer):
        shutil.rmtree(temporary)
        return None
    name = adopt_segment(out, temporary, writer.finish().name)
    return Built(name, entry_of(out, name).bytes, time.process_time() - started)


def _endless(corpus: Path, segment: int) -> Iterator[tuple[SourceDocument, bytes]]:
    """Copies of the corpus, one after the other; each segment has its own."""
    for number in range(_COPIES):
        yield from multiplied(corpus, segment * _COPIES + number)


def multiplied(corpus: Path, copy: int) -> Iterator[tuple[SourceDocument, bytes]]:
    """The corpus's training documents; the first copy as they are, others mutated."""
    generator = random.Random(copy)
    pool: list[str] = []
    for shard in shards(corpus):
        for document, raw in read_documents(shard):
            text = raw.decode()
            if copy:
                text = mutated(text, pool, generator)
                document = replace(document, repo=f"{document.repo}~{copy}")
            pool = [*pool[-2000:], *raw.decode().split("\n")[:200]]
            yield document, text.encode()


def mutated(text: str, pool: Sequence[str], generator: random.Random) -> str:
    """The text with half of its longer names and a third of its lines replaced."""
    new: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        name = match[0]
        if name not in new:
            other = f"{name[:2]}_{generator.randrange(10**5)}"
            new[name] = other if generator.random() < 0.5 else name
        return new[name]

    text = _NAME.sub(renamed, text)
    if not pool:
        return text
    lines = text.split("\n")
    return "\n".join(
        generator.choice(pool) if generator.random() < 1 / 3 else line for line in lines
    )


def timed(index: Index, asked: Iterable[Asked]) -> tuple[list[float], list[Report]]:
    """Milliseconds and report of each check."""
    times: list[float] = []
    reports: list[Report] = []
    for item in asked:
        before = time.perf_counter()
        reports.append(examine(index, item.before, item.text, "python", Scope(max_candidates=3)))
        times.append((time.perf_counter() - before) * 1000)
    return times, reports


def cold_times(index: Index, asked: Iterable[Asked]) -> Iterator[float]:
    """Milliseconds of each check with the pages dropped before it; nothing where they can't be."""
    for item in asked:
        if not drop_pages(index):
            return
        yield timed(index, [item])[0][0]


def summary(index: Index, asked: Sequence[Asked], reports: Sequence[Report]) -> dict[str, object]:
    """All figures, and each strong finding with its source."""
    manifests = [item.segment.manifest for item in index.segments]
    text = sum(manifest.bytes for manifest in manifests)
    strong = [
        {
            "generated": item.generated,
            "kind": found.kind.value,
            "tokens": round(found.weight.tokens),
            "text": item.text[:400],
            "repo": found.holders.sources[0].document.repo,
            "path": found.holders.sources[0].document.path,
            "line": found.holders.sources[0].first_line,
            "source": found.holders.sources[0].text[:400],
        }
        for item, report in zip(asked, reports, strict=True)
        for found in report.findings
        if found.tier is Tier.STRONG
    ]
    hits = sum(any(f.tier is Tier.STRONG for f in report.findings) for report in reports)
    return {
        "text_gb": text / 1e9,
        "ratio": sum(manifest.disk for manifest in manifests) / text - 1,
        "segments": len(manifests),
        "completions": len(asked),
        "generated": sum(item.generated for item in asked),
        "strong": hits,
        "strong_share": hits / max(1, len(asked)),
        "strong_interval": wilson(hits, len(asked)),
        "findings": strong,
    }


def percentiles(times: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Median, p95 and p99 of each list of times; none of an empty one."""
    return {
        name: {f"p{p}": float(np.percentile(ms, p)) for p in (50, 95, 99)} if ms else {}
        for name, ms in times.items()
    }
