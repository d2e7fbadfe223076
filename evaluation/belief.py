"""How far the repository memory is to be believed beside the model, fitted on lines of commits.

Prints the coefficients that `lsp_server.memory.recall` keeps, and what they are worth: how probable
the tokens are that were typed, at places where the memory knows something.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path  # noqa: TC003  # tyro reads the annotation
from typing import TYPE_CHECKING

import numpy as np
import tyro  # noqa: TC002  # tyro reads the annotation
from rich.console import Console
from rich.progress import track
from rich.table import Table

from evaluation.commits.history import newest_commits, spare_work_tree
from evaluation.commits.rounds import commit_rounds
from evaluation.served import ServedSystem
from inkling.errors import InklingError
from inkling.settings import load_settings
from lsp_server.engine.advice import CONTEXT_CHARACTERS, FOLLOWING_CHARACTERS
from lsp_server.engine.probabilities import log_softmax
from lsp_server.loading import open_engine
from lsp_server.memory.recall import BELIEF, Expectation
from lsp_server.memory.repository import Place, RepositoryMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from evaluation.holes import Hole

_MAX_NEW_TOKENS = 64
_LOOKED_AT = 3000
"""Commits of a history that are looked at for such that add code."""
_STEPS = 300
_RIDGE = 0.01


@dataclass(frozen=True)
class Observation:
    """One token of a line that was typed, as model and memory expected it.

    Attributes:
        signals: what the memory's weight is computed of, see `Expectation.signals`.
        model, memory: what either gave to the token that was there.
    """

    signals: tuple[float, ...]
    model: float
    memory: float


@dataclass(frozen=True)
class Belief:
    """Fit the weight of the repository memory on lines that commits added.

    Attributes:
        repos: git checkouts with history that the model has not learned.
        model: bundle folder or GGUF file; the starter model if left out.
        commits: of each repository, the newest so many that add code.
        holes: how many of a commit, at most.
    """

    repos: tyro.conf.Positional[tuple[Path, ...]]
    model: Path | None = None
    commits: int = 100
    holes: int = 8

    def run(self) -> int:
        settings = load_settings()
        if self.model is not None:
            settings = replace(settings, model=str(self.model))
        seen: list[Observation] = []
        with open_engine(settings) as engine, ExitStack() as stack:
            system = ServedSystem(engine, _MAX_NEW_TOKENS)
            memory = RepositoryMemory(engine.vocabulary)
            languages = engine.model.bundle.languages
            for repo in self.repos:
                newest = islice(newest_commits(repo, languages, _LOOKED_AT), self.commits)
                oldest_first = [*newest][::-1]
                tree = stack.enter_context(spare_work_tree(repo))
                rounds = commit_rounds(tree, oldest_first, self.holes)
                for part in track(rounds, repo.name, len(oldest_first), transient=True):
                    part.remember(memory)
                    for hole in part.holes:
                        seen += observe(hole, system, memory)
        if not seen:
            raise InklingError(
                "The commits of these repositories add nothing that the memory knows of.",
                "Name repositories with more history, or raise --commits.",
            )
        _show(seen)
        return 0


def _show(seen: Sequence[Observation]) -> None:
    console = Console()
    coefficients = fit(seen)
    table = Table("weight", "nats a token", title=f"{len(seen)} tokens")
    for name, belief in (("none", None), ("as it is", BELIEF), ("fitted", coefficients)):
        table.add_row(name, f"{loss(seen, belief):.3f}")
    console.print(table)
    console.print("fitted:", ", ".join(f"{value:.2f}" for value in coefficients))


def observe(hole: Hole, system: ServedSystem, memory: RepositoryMemory) -> Iterator[Observation]:
    """The tokens of a hole of which the memory expects something."""
    vocabulary = memory.vocabulary
    tokens, rows = system.along_middle(hole)
    before = (hole.context.prefix + hole.context.typed).removesuffix(
        tokens.head.decode("utf-8", "ignore")
    )
    ids = vocabulary.encode(before[-CONTEXT_CHARACTERS:])
    follows = hole.context.suffix[:FOLLOWING_CHARACTERS]
    for number, (token, row) in enumerate(zip(tokens.targets, rows, strict=True)):
        recall = memory.recall(Place([*ids, *tokens.targets[:number]], follows), healed=0)
        expectation = recall.expectation() if recall is not None else None
        if expectation is None or (number == 0 and tokens.head):
            continue
        probabilities = np.exp(log_softmax(row))
        yield Observation(
            _signals(expectation, probabilities), float(probabilities[token]),
            _share(expectation, token),
        )  # fmt: skip


def _signals(expectation: Expectation, probabilities: NDArray[np.float32]) -> tuple[float, ...]:
    agreement = float(probabilities[expectation.favourite])
    return expectation.signals(float(probabilities.max()), agreement)


def _share(expectation: Expectation, token: int) -> float:
    return float(expectation.counts[expectation.tokens == token].sum() / expectation.counts.sum())


def fit(observations: Sequence[Observation]) -> tuple[float, ...]:
    """The coefficients that make the tokens most likely under the mixture, by EM.

    In turn: how probable it is that the memory, not the model, brought each token; and a step of a
    logistic regression on these probabilities.
    """
    signals, model, memory = _columns(observations)
    coefficients = np.zeros(signals.shape[1])
    ridge = _RIDGE * np.eye(len(coefficients))
    for _ in range(_STEPS):
        weight = _weights(signals, coefficients)
        brought = weight * memory / (weight * memory + (1 - weight) * model)
        slope = signals.T @ (brought - weight) - ridge @ coefficients
        curvature = (signals * (weight * (1 - weight))[:, None]).T @ signals + ridge
        coefficients = coefficients + np.linalg.solve(curvature, slope)
    return tuple(coefficients.tolist())


def loss(observations: Sequence[Observation], coefficients: Sequence[float] | None) -> float:
    """Mean of −ln P(token) under the mixture, in nats; None: under the model alone."""
    signals, model, memory = _columns(observations)
    weight = np.zeros(len(model)) if coefficients is None else _weights(signals, coefficients)
    return float(-np.log((1 - weight) * model + weight * memory).mean())


def _weights(signals: NDArray[np.float64], coefficients: Iterable[float]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-signals @ np.array([*coefficients]))))


def _columns(
    observations: Sequence[Observation],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Logarithms of the signals after a column of ones, and both probabilities, never quite 0."""
    signals = np.log(np.array([observation.signals for observation in observations]))
    ones = np.ones((len(signals), 1))
    model = np.array([max(observation.model, 1e-9) for observation in observations])
    memory = np.array([max(observation.memory, 1e-9) for observation in observations])
    return np.hstack([ones, signals]), model, memory
