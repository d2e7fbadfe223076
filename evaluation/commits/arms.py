"""The same holes for several systems: models, each alone and with the repository's memory.

Memory, and the parts of other files in the prompts of models that have room for them, are what the
work tree held before the commit whose lines are asked for, and nothing newer.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.metrics import edit_similarity, exact_match
from evaluation.neighbours import with_neighbours
from evaluation.replay import typist
from inkling.bundle import open_bundle
from inkling.settings import usable_cores
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import CompletionRequest, EngineSettings
from lsp_server.memory.repository import RepositoryMemory
from lsp_server.neighbourhood import snippet_budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from evaluation.holes import Hole

MAX_NEW_TOKENS = 64
MEMORY = " + memory"


@dataclass(frozen=True)
class Arm:
    """A system under test: an engine, with or without memory."""

    engine: Engine
    remembers: bool


@dataclass(frozen=True)
class Round:
    """Holes that share a cluster and a state of the work tree.

    Attributes:
        cluster: what is drawn as a whole in a bootstrap: a commit, or a file.
        remember: brings the memory to that state; told before the holes are asked.
        files: texts by path of the hole's repository in that state, asked for afterwards.
    """

    cluster: str
    holes: tuple[Hole, ...]
    remember: Callable[[RepositoryMemory], None]
    files: Callable[[Hole], Mapping[str, str]]


@dataclass(frozen=True)
class Question:
    """A hole, its cluster, and what each arm answered."""

    hole: Hole
    cluster: str
    answers: Mapping[str, str]


def ask(
    rounds: Iterable[Round], arms: Mapping[str, Arm], memory: RepositoryMemory
) -> Iterator[Question]:
    """Ask every arm for every hole; arms must share the memory's vocabulary, and their room.

    Engines work side by side, each in a thread of its own.
    """
    engines = {id(arm.engine): arm.engine for arm in arms.values()}
    shares = [
        {name: arm for name, arm in arms.items() if arm.engine is engine}
        for engine in engines.values()
    ]
    engine = next(iter(engines.values()))
    budget = snippet_budget(engine.served)
    with ThreadPoolExecutor(len(shares)) as pool:
        for part in rounds:
            part.remember(memory)
            for bare in part.holes:
                hole = (
                    with_neighbours(bare, part.files(bare), budget, engine.count_tokens)
                    if budget
                    else bare
                )
                answered = pool.map(lambda share: _answers(share, hole, memory), shares)  # noqa: B023
                answers = {name: text for share in answered for name, text in share.items()}
                yield Question(hole, part.cluster, answers)


def compare(bundles: Mapping[str, Path], rounds: Iterable[Round]) -> Iterator[Question]:
    """Ask each bundle, alone and, under the name `NAME + memory`, with memory.

    Raises:
        InklingError: a bundle can't be loaded.
    """
    threads = max(1, usable_cores() // len(bundles))
    with ExitStack() as stack:
        engines = {
            name: stack.enter_context(Engine(open_bundle(path), EngineSettings(threads=threads)))
            for name, path in bundles.items()
        }
        arms = {name: Arm(engine, remembers=False) for name, engine in engines.items()}
        arms |= {name + MEMORY: Arm(engine, remembers=True) for name, engine in engines.items()}
        memory = RepositoryMemory(next(iter(engines.values())).model.vocabulary)
        yield from ask(rounds, arms, memory)


def _answers(arms: Mapping[str, Arm], hole: Hole, memory: RepositoryMemory) -> dict[str, str]:
    return {name: _complete(arm, hole, memory) for name, arm in arms.items()}


def _complete(arm: Arm, hole: Hole, memory: RepositoryMemory) -> str:
    arm.engine.memory = memory if arm.remembers else None
    request = CompletionRequest(hole.context, MAX_NEW_TOKENS, max_lines=1)
    return arm.engine.complete(request).text


def exact(question: Question, arm: str) -> float:
    """1 if the arm wrote the rest of the line."""
    return float(exact_match(question.answers[arm], question.hole.middle))


def similarity(question: Question, arm: str) -> float:
    """Edit similarity with the rest of the line, in 0 to 1."""
    return edit_similarity(question.answers[arm], question.hole.middle)


def keys_saved(question: Question, arm: str) -> float:
    """Keys that an exact user saves with the arm's one suggestion: taken whole, or its first word.

    The key that takes it is counted.
    """
    accepted = typist.choose(question.answers[arm], question.hole.middle)
    return float(typist.count_keys(accepted.text) - 1) if accepted else 0.0
