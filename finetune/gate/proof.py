"""Is the tuned model better? Both answer the same holes, each alone and with repository memory.

What decides is exact match with memory on both sides, paired by commit: the tuned model wins if
the bootstrap interval of the difference lies above zero. The other figures are for the reader.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from evaluation.bootstrap import Interval, paired_interval
from evaluation.commits import arms
from evaluation.commits.arms import MEMORY, compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from evaluation.commits.arms import Question, Round
    from finetune.gate.answers import AnswerLog

BASE, BASE_MEMORY = "base", "base" + MEMORY
TUNED, TUNED_MEMORY = "tuned", "tuned" + MEMORY
ARMS = (BASE, BASE_MEMORY, TUNED, TUNED_MEMORY)
PAIRS = ((TUNED, BASE), (TUNED_MEMORY, BASE_MEMORY))
DECIDING = "exact match"
_EXAMPLES = 12


@dataclass(frozen=True)
class Measure:
    """One figure of all arms, and the differences that tuning makes.

    Attributes:
        arms: arm → value, as a share of one.
        alone, remembering: tuned minus base, without and with memory.
    """

    arms: dict[str, float]
    alone: Interval
    remembering: Interval


@dataclass(frozen=True)
class Example:
    """A hole and what base and tuned wrote into it, both with memory."""

    path: str
    line: str
    expected: str
    base: str
    tuned: str


@dataclass(frozen=True)
class Proof:
    """The comparison.

    Attributes:
        measures: `exact match`, `edit similarity` and `keys saved` → its figures.
        holes: how many were asked.
        clusters: commits, or files, that they came from.
        kind: `commits` or `files`.
        examples: of holes where the two differ.
    """

    measures: dict[str, Measure]
    holes: int
    clusters: int
    kind: str
    examples: tuple[Example, ...] = ()

    @property
    def wins(self) -> bool:
        return self.measures[DECIDING].remembering.low > 0

    def to_json(self) -> dict[str, Any]:
        return {**_without_nan(asdict(self)), "wins": self.wins}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Proof:
        """What `to_json` gave."""
        measures = {
            name: Measure(
                measure["arms"], _interval(measure["alone"]), _interval(measure["remembering"])
            )
            for name, measure in value["measures"].items()
        }
        examples = tuple(Example(**example) for example in value["examples"])
        return cls(measures, value["holes"], value["clusters"], value["kind"], examples)


def _without_nan(value: Any) -> Any:
    """With None where there is no number: JSON has no NaN, and readers other than ours refuse."""
    match value:
        case dict():
            return {key: _without_nan(part) for key, part in value.items()}
        case list() | tuple():
            return [_without_nan(part) for part in value]
        case float() if math.isnan(value):
            return None
    return value


def _interval(value: dict[str, Any]) -> Interval:
    numbers: dict[str, Any] = {k: math.nan if v is None else v for k, v in value.items()}
    return Interval(**numbers)


def prove(
    base: Path,
    tuned: Path,
    rounds: Iterable[Round],
    kind: str,
    asked: Callable[[], None] = lambda: None,
    log: AnswerLog | None = None,
) -> tuple[Proof, list[Question]]:
    """Ask both bundles.

    Args:
        rounds: at least one hole in all.
        kind: what a cluster is, `commits` or `files`.
        asked: called after every hole.
        log: where answers are kept, and found after an interruption.
    """

    def ask(left: Iterable[Round]) -> Iterable[Question]:
        return compare({BASE: base, TUNED: tuned}, left)

    questions = []
    for question in log.complete(rounds, ask) if log else ask(rounds):
        questions.append(question)
        asked()
    return judge(questions, kind), questions


def judge(questions: Sequence[Question], kind: str) -> Proof:
    """The proof that the answers make."""
    ones = [1.0] * len(questions)
    keys = [float(len(question.hole.middle)) for question in questions]
    measures = {
        "exact match": _measure(questions, arms.exact, ones),
        "edit similarity": _measure(questions, arms.similarity, ones),
        "keys saved": _measure(questions, arms.keys_saved, keys),
    }
    clusters = len({question.cluster for question in questions})
    return Proof(measures, len(questions), clusters, kind, tuple(_examples(questions)))


def _measure(
    questions: Sequence[Question],
    score: Callable[[Question, str], float],
    weights: Sequence[float],
) -> Measure:
    scores = {arm: [score(question, arm) for question in questions] for arm in ARMS}
    clusters = [question.cluster for question in questions]
    intervals = [
        paired_interval(scores[tuned], scores[base], weights, clusters) for tuned, base in PAIRS
    ]
    shares = {arm: sum(values) / sum(weights) for arm, values in scores.items()}
    return Measure(shares, intervals[0], intervals[1])


def _examples(questions: Sequence[Question]) -> list[Example]:
    """Holes that one of both fills exactly, wins and losses in the proportion they have."""
    differing = [
        question
        for question in questions
        if arms.exact(question, TUNED_MEMORY) != arms.exact(question, BASE_MEMORY)
    ]
    step = max(1, len(differing) // _EXAMPLES)
    return [
        Example(
            question.hole.path,
            question.hole.typed,
            question.hole.middle,
            question.answers[BASE_MEMORY],
            question.answers[TUNED_MEMORY],
        )
        for question in differing[::step][:_EXAMPLES]
    ]
