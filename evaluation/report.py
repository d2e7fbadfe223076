"""What a comparison found: the numbers and the sentences that state them.

Knows metrics and intervals, and nothing of models; `evaluation.tables` prints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from evaluation.bootstrap import Interval, paired_interval
from evaluation.metrics import edit_similarity, exact_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evaluation.holes import Hole


@dataclass(frozen=True)
class Answer:
    """What one system made of one hole: its completion, and the bits of the true middle."""

    text: str
    bits: float


class System(Protocol):
    """Something that answers holes."""

    def answer(self, hole: Hole) -> Answer: ...


@dataclass(frozen=True)
class Outcome:
    """A hole and both systems' answers."""

    hole: Hole
    model: Answer
    baseline: Answer

    @property
    def middle_bytes(self) -> int:
        return len(self.hole.middle.encode())


@dataclass(frozen=True)
class Metric:
    """How a hole is scored: Σ value / Σ weight over holes, times `scale`, is what is printed.

    Attributes:
        key: in the JSON report.
        title: in tables and sentences.
        unit: of the scaled value.
        higher_is_better: whether more is better.
    """

    key: str
    title: str
    unit: str
    higher_is_better: bool
    scale: float
    value: Callable[[Outcome, Answer], float]
    weight: Callable[[Outcome], float]

    @property
    def label(self) -> str:
        """Title and unit, as the head of a column."""
        return f"{self.title} {self.unit}".rstrip()


METRICS = (
    Metric(
        "exact_match",
        "exact match",
        "%",
        True,
        100,
        lambda outcome, answer: float(exact_match(answer.text, outcome.hole.middle)),
        lambda _: 1.0,
    ),
    Metric(
        "edit_similarity",
        "edit similarity",
        "%",
        True,
        100,
        lambda outcome, answer: edit_similarity(answer.text, outcome.hole.middle),
        lambda _: 1.0,
    ),
    Metric(
        "bits_per_byte",
        "bits per byte",
        "",
        False,
        1,
        lambda _, answer: answer.bits,
        lambda outcome: float(outcome.middle_bytes),
    ),
)


@dataclass(frozen=True)
class Comparison:
    """One metric of both systems over some holes.

    Attributes:
        model, baseline: scaled values.
        by_file: scaled interval of model − baseline, files resampled.
        by_package: the same, packages resampled; wider, as a package's files are alike.
    """

    metric: Metric
    model: float
    baseline: float
    by_file: Interval
    by_package: Interval

    def verdict(self) -> str:
        """One sentence; the interval in it is the one by file."""
        sign = 1 if self.metric.higher_is_better else -1
        gain = sign * self.by_file.difference
        low, high = sorted((sign * self.by_file.low, sign * self.by_file.high))
        unit = " points" if self.metric.unit == "%" else ""
        if not self.by_file.excludes_zero:
            return (
                f"The model can't be told from the baseline in {self.metric.title}: "
                f"the difference in its favour is {gain:.3g}{unit} [{low:.3g}, {high:.3g}]."
            )
        if gain > 0:
            return (
                f"The model beats the baseline in {self.metric.title} by "
                f"{gain:.3g}{unit} [{low:.3g}, {high:.3g}]."
            )
        return (
            f"The model loses to the baseline in {self.metric.title} by "
            f"{-gain:.3g}{unit} [{-high:.3g}, {-low:.3g}]."
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "baseline": self.baseline,
            "difference": self.by_file.difference,
            "interval_by_file": _ends(self.by_file),
            "interval_by_package": _ends(self.by_package),
            "unit": self.metric.unit,
            "higher_is_better": self.metric.higher_is_better,
            "verdict": self.verdict(),
        }


def compare(
    outcomes: Sequence[Outcome], metric: Metric, *, resamples: int, seed: int
) -> Comparison:
    """Score both systems by `metric`."""
    model = [metric.value(outcome, outcome.model) for outcome in outcomes]
    baseline = [metric.value(outcome, outcome.baseline) for outcome in outcomes]
    weights = [metric.weight(outcome) for outcome in outcomes]

    def interval(clusters: Sequence[Any]) -> Interval:
        found = paired_interval(model, baseline, weights, clusters, resamples=resamples, seed=seed)
        return Interval(
            found.difference * metric.scale,
            found.low * metric.scale,
            found.high * metric.scale,
            found.clusters,
        )

    return Comparison(
        metric,
        metric.scale * sum(model) / sum(weights),
        metric.scale * sum(baseline) / sum(weights),
        interval([(outcome.hole.package, outcome.hole.path) for outcome in outcomes]),
        interval([outcome.hole.package for outcome in outcomes]),
    )


def package_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Per package: holes, bytes of their middles, and both systems' metrics."""
    rows = []
    for package in sorted({outcome.hole.package for outcome in outcomes}):
        members = [outcome for outcome in outcomes if outcome.hole.package == package]
        row: dict[str, Any] = {
            "package": package,
            "holes": len(members),
            "middle_bytes": sum(outcome.middle_bytes for outcome in members),
        }
        for metric in METRICS:
            weight = sum(metric.weight(outcome) for outcome in members)
            row[metric.key] = {
                name: metric.scale
                * sum(metric.value(outcome, getattr(outcome, name)) for outcome in members)
                / weight
                for name in ("model", "baseline")
            }
        rows.append(row)
    return rows


def example_rows(outcomes: Sequence[Outcome], count: int) -> list[dict[str, str]]:
    """`count` outcomes, evenly spaced, as line, what stood there, and both completions."""
    step = max(1, len(outcomes) // max(1, count))
    return [
        {
            "file": f"{outcome.hole.package}: {outcome.hole.path}",
            "typed": outcome.hole.typed,
            "middle": outcome.hole.middle,
            "model": outcome.model.text,
            "baseline": outcome.baseline.text,
        }
        for outcome in outcomes[step // 2 :: step][:count]
    ]


def _ends(interval: Interval) -> list[float | None]:
    """JSON has no NaN."""
    return [None if end != end else end for end in (interval.low, interval.high)]
