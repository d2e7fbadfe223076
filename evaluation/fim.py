"""`python -m evaluation fim`: held-out single-line holes, served model against n-gram baseline.

Samples the holes, runs both systems, and writes the report. Each part has its own file: `holes`,
`served`, `baseline` with `ngram` and `ngram_build`, `scoring`, `bootstrap`, `report`.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path  # noqa: TC003  # tyro reads the annotations
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeRemainingColumn

from curation.corpus import HELDOUT, manifest_hash, read_documents
from evaluation.baseline import NgramSystem
from evaluation.bootstrap import LEVEL, RESAMPLES
from evaluation.holes import HoleSampling, sample_holes
from evaluation.ngram import SMOOTHING, NgramModel
from evaluation.ngram_build import load_or_build
from evaluation.record import record
from evaluation.report import (
    METRICS,
    Outcome,
    compare,
    example_rows,
    package_rows,
)
from evaluation.served import ServedSystem, Typing
from evaluation.tables import print_report
from inkling import __version__
from inkling.atomic import sha256_file, write_json, write_text
from inkling.errors import InklingError
from inkling.settings import home, load_settings, usable_cores
from lsp_server.loading import open_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evaluation.holes import Hole
    from evaluation.ngram_build import NgramFacts
    from evaluation.report import Answer, Comparison, System
    from inkling.bundle import Bundle

T = TypeVar("T")
REPORT_VERSION = 1
_MIN_RESAMPLES = 2000


@dataclass(frozen=True)
class FimBench:
    """Complete held-out lines with a served model and with an n-gram baseline, and compare them.

    Prints exact match, edit similarity and bits per byte of both, with 95 % paired bootstrap
    intervals of the difference, and writes them with everything needed to repeat the run.

    Attributes:
        corpus: folder that 'python -m curation run' made.
        model: bundle folder or GGUF file; the starter model if left out.
        holes: how many holes in all.
        max_per_package: at most so many from one package.
        holes_per_file: at most so many from one file.
        seed: of the holes and of the resampling.
        order: longest context of the baseline, in tokens.
        baseline_tokens: let the baseline see only so many training tokens, the first in the
            corpus's order.
        max_new_tokens: longest completion of either system, in tokens.
        typed_lines: so many lines above the cursor count as typed since the window was read: they
            stand after the prompt's anchor, as in an editor before the anchor moves.
        shifted: the window has moved on by those lines instead, and what stays of it in the cache
            was shifted.
        threads: for the model and for encoding the corpus; 0 takes all cores.
        resamples: bootstrap samples.
        examples: how many holes to print with both completions.
        cache: folder for the baseline's arrays; INKLING_HOME/cache/evaluation if left out.
        out: write the report here, as JSON.
        details: write every hole with both answers here, as JSON lines.
        record: write the results into the bundle's manifest and model card.
    """

    corpus: Path
    model: Path | None = None
    holes: int = 500
    max_per_package: int = 100
    holes_per_file: int = 3
    seed: int = 0
    order: int = 16
    baseline_tokens: int | None = None
    max_new_tokens: int = 64
    typed_lines: int = 0
    shifted: bool = False
    threads: int = 0
    resamples: int = RESAMPLES
    examples: int = 5
    cache: Path | None = None
    out: Path | None = None
    details: Path | None = None
    record: bool = False

    def run(self) -> int:
        self._check()
        settings = load_settings()
        threads = self.threads or settings.threads or usable_cores()
        settings = replace(settings, threads=threads)
        if self.model is not None:
            settings = replace(settings, model=str(self.model))
        holes, seconds = _timed(
            lambda: sample_holes(
                read_documents(self.corpus, HELDOUT),
                HoleSampling(self.holes, self.max_per_package, self.holes_per_file, self.seed),
            )
        )
        spent = {"holes": seconds}
        with open_engine(settings) as engine, _progress() as progress:
            bundle = engine.model.bundle
            vocabulary = engine.model.vocabulary
            arrays, facts = load_or_build(
                self.corpus,
                vocabulary,
                self.cache or home() / "cache" / "evaluation",
                max_tokens=self.baseline_tokens,
                workers=threads,
                progress=progress,
            )
            ngram = NgramModel(arrays, vocabulary.size, self.order)
            baseline = NgramSystem(ngram, vocabulary, self.max_new_tokens)
            typing = Typing(self.typed_lines, self.shifted)
            served = ServedSystem(engine, self.max_new_tokens, typing)
            baseline_answers, spent["baseline"] = _answers("baseline", baseline, holes, progress)
            model_answers, spent["model"] = _answers("model", served, holes, progress)
        outcomes = [
            Outcome(hole, model, reference)
            for hole, model, reference in zip(holes, model_answers, baseline_answers, strict=True)
        ]
        comparisons = [
            compare(outcomes, metric, resamples=self.resamples, seed=self.seed)
            for metric in METRICS
        ]
        report = self._report(bundle, facts, outcomes, comparisons, spent)
        # Printed first: a full disk then loses no result.
        print_report(Console(), report, comparisons)
        self._write(report, outcomes)
        if self.record:
            record(bundle, report)
        return 0

    def _write(self, report: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
        try:
            if self.details is not None:
                _write_details(self.details, outcomes)
            if self.out is not None:
                write_json(self.out, report)
        except OSError as error:
            raise InklingError(
                f"The report can't be written: {error}.", "Name another file with --out."
            ) from error
        for path in filter(None, (self.details, self.out)):
            print(f"written: {path}")

    def _check(self) -> None:
        for name in ("holes", "max_per_package", "holes_per_file", "order", "max_new_tokens"):
            _require_at_least(name, getattr(self, name), 1)
        _require_at_least("resamples", self.resamples, _MIN_RESAMPLES)
        for path in (self.out, self.details):
            if path is not None and path.is_dir():
                raise InklingError(f"{path} is a folder.", "Name a file to write to.")
        if self.baseline_tokens is not None:
            _require_at_least("baseline_tokens", self.baseline_tokens, 1)

    def _report(
        self,
        bundle: Bundle,
        facts: NgramFacts,
        outcomes: Sequence[Outcome],
        comparisons: Sequence[Comparison],
        seconds: dict[str, float],
    ) -> dict[str, Any]:
        holes = [outcome.hole for outcome in outcomes]
        return {
            "report": "fim",
            "version": REPORT_VERSION,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": {
                "inkling": __version__,
                "python": sys.version.split()[0],
                **{name: version(name) for name in ("llama-cpp-python", "numpy", "rapidfuzz")},
            },
            "corpus": manifest_hash(self.corpus),
            "bundle": {
                "name": bundle.name,
                "sha256": sha256_file(bundle.model_path),
                "bytes": bundle.model_path.stat().st_size,
                "trained_on": bundle.manifest.corpus if bundle.manifest else None,
            },
            "holes": _hole_counts(holes) | {"seed": self.seed},
            "baseline": {
                "kind": "longest-suffix n-gram over the corpus's training side, no suffix",
                "order": self.order,
                "smoothing": SMOOTHING,
                **asdict(facts),
            },
            "bootstrap": {
                "level": LEVEL,
                "resamples": self.resamples,
                "seed": self.seed,
                "clusters": {
                    "files": comparisons[0].by_file.clusters,
                    "packages": comparisons[0].by_package.clusters,
                },
            },
            "max_new_tokens": self.max_new_tokens,
            "typed_lines": self.typed_lines,
            "shifted": self.shifted,
            "metrics": {item.metric.key: item.to_json() for item in comparisons},
            "verdicts": [item.verdict() for item in comparisons],
            "packages": package_rows(outcomes),
            "examples": example_rows(outcomes, self.examples),
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
            "peak_memory_bytes": _peak_memory(),
        }


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """What `work` returns, and the seconds it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _answers(
    name: str, system: System, holes: Sequence[Hole], progress: Progress
) -> tuple[list[Answer], float]:
    """Answers to all holes, and the seconds they took together."""
    task = progress.add_task(f"{name}: completing", total=len(holes))
    return _timed(lambda: [system.answer(hole) for hole in progress.track(holes, task_id=task)])


def _hole_counts(holes: Sequence[Hole]) -> dict[str, Any]:
    kinds = [hole.kind for hole in holes]
    return {
        "count": len(holes),
        "packages": len({hole.package for hole in holes}),
        "files": len({(hole.package, hole.path) for hole in holes}),
        "middle_bytes": sum(len(hole.middle.encode()) for hole in holes),
        "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }


def _write_details(path: Path, outcomes: Sequence[Outcome]) -> None:
    rows = (
        {
            "hole": outcome.hole.to_json(),
            "model": asdict(outcome.model),
            "baseline": asdict(outcome.baseline),
        }
        for outcome in outcomes
    )
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        "[progress.description]{task.description}",
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _require_at_least(name: str, value: int, least: int) -> None:
    if value < least:
        flag = "--" + name.replace("_", "-")
        raise InklingError(f"{flag} is {value}.", f"Give it at least {least}.")


def _peak_memory() -> int | None:
    """Bytes that this process ever held at once; None where the platform doesn't tell."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, Linux KiB
