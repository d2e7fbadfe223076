"""`python -m evaluation typing REPO --since DATE`: does completion save keys, and does it disturb?

Lines that later commits added are typed again, key by key, through the real server, in the tree as
it was before each commit. Rules: a key every 180 ms, and a second from the cursor's arrival at a
place to the first of them; what comes later than the next key isn't seen; Tab costs a key, and so
does taking the first line or the first word; Enter brings the indentation along. Latency and new
prompt tokens are those of keys; the arrivals have a row of their own.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from evaluation.replay import typist
from evaluation.replay.editor import connect
from evaluation.replay.history import Commit, Insertion, git, read_commits
from evaluation.replay.llama_client import (
    ask_in_our_layout,
    ask_infill,
    connect_llama_server,
)
from evaluation.replay.session import Pace, Replay, run_replay
from inkling.atomic import write_json
from inkling.bundle import open_bundle
from inkling.errors import InklingError
from lsp_server.engine.model import Model
from lsp_server.features import Feature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractAsyncContextManager

    from evaluation.replay.typing_client import TypingClient

RUNS = {
    "memory": "memory only",
    "model": "model only",
    "both": "model and memory",
    "infill": "llama.cpp /infill",
    "completion": "llama.cpp, our prompt",
    "no-gate": "all it says",
    **{f"no-{feature}": f"without {feature}" for feature in Feature},
}
DEFAULT_RUNS = ("memory", "model", "both")


@dataclass(frozen=True)
class TypingReplay:
    """Replay lines that commits added, through the language server, key by key."""

    repo: Annotated[Path, tyro.conf.Positional]
    """A git checkout with history; it isn't changed."""

    since: str = "1 year ago"
    """Replay commits since then, as 'git log --since' understands it."""

    model: str | None = None
    """Bundle folder or GGUF file (default: the starter model)."""

    runs: tuple[str, ...] = DEFAULT_RUNS
    """Which runs to compare: memory, model, both; infill, completion (llama.cpp's server); and
    both without something: no-gate (improbable suggestions are shown, too), no-anchor, no-shift,
    no-type-through, no-joining, no-preparing, no-rules."""

    keys: int = 3_000
    """Keys to type at most; commits and places are drawn evenly."""

    keys_per_commit: int = 300
    """Keys of one commit at most."""

    languages: tuple[str, ...] = ("python",)
    """Languages of the files to type in."""

    key_ms: int = 180
    """Milliseconds between two keys."""

    arrival_ms: int = 1_000
    """Milliseconds from the cursor's arrival at a place to the first key there."""

    rush: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Type the next key as soon as the answer is there, which leaves the server no pause."""

    min_probability: float | None = None
    """Least probability of a suggestion (default: the server's)."""

    seed: int = 0
    """Of the choice of commits and places."""

    out: Path | None = None
    """Write the figures to this JSON file as well."""

    def run(self) -> int:
        if unknown := set(self.runs) - set(RUNS):
            raise InklingError(
                f"There is no run '{min(unknown)}'.", f"Choose from {', '.join(RUNS)}."
            )
        commits = list(read_commits(self.repo, self.since, self.languages))
        chosen = choose(commits, self.keys, self.keys_per_commit, self.seed)
        if not chosen:
            raise InklingError(
                f"No commit since {self.since} adds lines to type.", "Name an earlier --since."
            )
        console = Console()
        results: dict[str, Replay] = {}
        with _work_tree(self.repo) as tree, Progress(console=console, transient=True) as progress:
            for name in self.runs:
                total = sum(_keys(i) for _, insertions in chosen for i in insertions)
                task = progress.add_task(RUNS[name], total=total)
                results[name] = run_replay(
                    tree,
                    chosen,
                    lambda name=name: self._connect(name, tree),  # type: ignore[misc]
                    Pace(self.key_ms / 1000, self.arrival_ms / 1000, self.rush),
                    lambda keys, task=task: progress.update(task, completed=keys),  # type: ignore[misc]
                )
        console.print(_table(results, f"{self.repo.resolve().name}: {len(chosen)} commits"))
        if self.out is not None:
            write_json(self.out, {name: figures(replay) for name, replay in results.items()})
        return 0

    def _connect(self, name: str, tree: Path) -> AbstractAsyncContextManager[TypingClient]:
        if name in ("infill", "completion"):
            return self._connect_llama_server(name)
        return connect(tree, self._options(name))

    def _connect_llama_server(self, name: str) -> AbstractAsyncContextManager[TypingClient]:
        bundle = open_bundle(self.model)
        model = Model(bundle)
        question = (
            ask_infill
            if name == "infill"
            else ask_in_our_layout(model.vocabulary, model.context_size)
        )
        return connect_llama_server(bundle.model_path, model.context_size, question)

    def _options(self, name: str) -> dict[str, Any]:
        missing = name.removeprefix("no-")
        options: dict[str, Any] = {"source": name if missing == name else "both"}
        options["statistics"] = False
        if missing in tuple(Feature):
            options["without"] = [missing]
        if self.model is not None:
            options["model"] = self.model
        if self.min_probability is not None:
            options["minProbability"] = self.min_probability
        if name == "no-gate":
            options["minProbability"] = 0.0
        return options


def choose(
    commits: Sequence[Commit], keys: int, keys_per_commit: int, seed: int
) -> list[tuple[Commit, list[Insertion]]]:
    """Draw places to type at, spread over commits, until there are enough keys.

    Places that alone take more than a commit's share are cut after the line that exceeds it.
    """
    rng = random.Random(seed)
    drawn: dict[int, list[Insertion]] = {}
    total = 0
    for number in rng.sample(range(len(commits)), len(commits)):
        budget = min(keys_per_commit, keys - total)
        if budget <= 0:
            break
        insertions = list(commits[number].insertions)
        rng.shuffle(insertions)
        for insertion in insertions:
            if budget <= 0:
                break
            cut = _shortened(insertion, budget)
            drawn.setdefault(number, []).append(cut)
            budget -= _keys(cut)
            total += _keys(cut)
    return [(commits[number], drawn[number]) for number in sorted(drawn)]


def _shortened(insertion: Insertion, budget: int) -> Insertion:
    """The first lines, up to the one that uses up the budget."""
    lines = insertion.typed.split("\n")
    count = 1
    while count < len(lines) and typist.count_keys("\n".join(lines[:count])) < budget:
        count += 1
    typed = "\n".join(lines[:count]).rstrip("\n") or insertion.typed
    return Insertion(insertion.path, insertion.before, typed, insertion.after)


def _keys(insertion: Insertion) -> int:
    return typist.count_keys(insertion.typed.lstrip(" \t"))


@contextmanager
def _work_tree(repo: Path) -> Iterator[Path]:
    """A second work tree of the repository, under its name."""
    with tempfile.TemporaryDirectory(prefix="inkling-replay-") as folder:
        tree = Path(folder) / repo.resolve().name
        git(repo, "clone", "--quiet", "--shared", "--no-checkout", str(repo.resolve()), str(tree))
        yield tree


def figures(replay: Replay) -> dict[str, float]:
    """The figures of a run, by name."""
    typed = [key for key in replay.keys if not key.arrival]
    times = [key.ms for key in typed]
    read = [key.prompt_tokens for key in typed if key.prompt_tokens is not None]
    arrivals = [key.ms for key in replay.keys if key.arrival]
    return {
        "keys without": replay.plain_keys,
        "keys pressed": replay.pressed_keys,
        "keys saved, %": 100 * replay.saved,
        "suggestions shown": replay.shown,
        "taken, %": 100 * replay.taken / max(1, replay.shown),
        "shown at % of keys": 100 * replay.shown / max(1, replay.pressed_keys),
        "late, %": 100 * sum(key.late for key in typed) / max(1, len(typed)),
        "latency p50, ms": _percentile(times, 50),
        "latency p95, ms": _percentile(times, 95),
        "latency p99, ms": _percentile(times, 99),
        "on arrival p50, ms": _percentile(arrivals, 50),
        "new prompt tokens p50": _percentile(read, 50),
        "new prompt tokens p95": _percentile(read, 95),
        "CPU, s": replay.cpu_seconds,
    }


def _percentile(values: Sequence[float], percent: int) -> float:
    if len(values) < 2:
        return float(values[0]) if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _table(results: dict[str, Replay], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    columns = {name: figures(replay) for name, replay in results.items()}
    for name in columns:
        table.add_column(RUNS[name], justify="right")
    for row in next(iter(columns.values())):
        table.add_row(row, *(f"{column[row]:,.1f}" for column in columns.values()))
    return table
