"""How fast a served model answers on this machine: `python -m evaluation latency`.

Someone types the lines of a library file key by key; each key is a request of the length asked
for. The engine is measured beside llama-cpp-python's high-level `Llama.create_completion` with its
own defaults, on the same GGUF file and the same token ids, in turns within one run. A report, not
a test: the numbers hold for this machine and its load.
"""

from __future__ import annotations

import argparse  # its source is what is typed
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from inkling.bundle import open_bundle
from inkling.errors import InklingError
from inkling.layout import FimContext, split_at_cursor
from lsp_server.engine.engine import Engine
from lsp_server.engine.prompt import build_prompt
from lsp_server.engine.records import CompletionRequest, EngineSettings, FinishReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.engine.records import Completion

_MIN_LINE = 16


@dataclass(frozen=True)
class Figures:
    """What one side needed: milliseconds per request, and summed tokens and milliseconds."""

    cold_ms: list[float]
    warm_ms: list[float]
    prefill_tokens: int
    prefill_ms: float
    decode_tokens: int
    decode_ms: float


@dataclass(frozen=True)
class LatencyBench:
    """Measure prefill, decoding and the time to a suggestion while somebody types."""

    model: str | None = None
    """Bundle folder or GGUF file (default: the starter model)."""

    context: int = 960
    """Tokens of every prompt: about what a window of 1,024 leaves beside the new ones."""

    lines: int = 6
    """Lines to type; the first request of each is cold, the others follow a key each."""

    keys: int = 12
    """Keys of each line."""

    max_new_tokens: int = 24
    """Longest suggestion; it also ends with the line."""

    threads: int = 0
    """CPU threads of the engine; 0 lets it choose."""

    def run(self) -> int:
        if min(self.context - 63, self.lines, self.keys, self.max_new_tokens) < 1:
            raise InklingError(
                "The bench needs a context of 64 tokens, and one line, key and new token.",
                "Ask for more.",
            )
        settings = EngineSettings(self.context + self.max_new_tokens, self.threads)
        bundle = open_bundle(self.model)
        console = Console()
        with Engine(bundle, settings) as engine:
            if engine.session.context_size < self.context + self.max_new_tokens:
                raise InklingError(
                    f"The model's context has only {engine.session.context_size} tokens.",
                    "Ask for a smaller --context.",
                )
            peer = HighLevel(bundle.model_path, self.context + self.max_new_tokens)
            ours, theirs = self._measure(engine, peer)
            console.print(_table(bundle.name, ours, theirs, self.context))
        console.print(_machine())
        return 0

    def _measure(self, engine: Engine, peer: HighLevel) -> tuple[Figures, Figures]:
        ours, theirs = _empty(), _empty()
        lines = list(_lines_to_type(self.lines))
        for text, start, line in track(lines, "typing", transient=True):
            for key in range(self.keys):
                context = split_at_cursor(text, start + key, path="argparse.py", repo="cpython")
                context = _typed_so_far(context, line)
                request = CompletionRequest(context, self.max_new_tokens, max_lines=1)
                prompt = build_prompt(context, engine.model.vocabulary, self.context)
                ids = [*prompt.head, *prompt.tail]
                if key == 0:
                    engine.session.clear()
                    peer.forget()
                ours = _add(ours, *_ask_engine(engine, request), cold=key == 0)
                theirs = _add(theirs, *peer.ask(ids, self.max_new_tokens), cold=key == 0)
        return ours, theirs


@dataclass(frozen=True)
class Timing:
    """One request: tokens read and generated, and the milliseconds of each."""

    prefill_tokens: int
    prefill_ms: float
    decode_tokens: int
    decode_ms: float


class HighLevel:
    """llama-cpp-python's `Llama`, asked through `create_completion` as its documentation shows."""

    def __init__(self, path: Path, context: int) -> None:
        import llama_cpp

        self._llama: Any = llama_cpp.Llama(str(path), n_ctx=context, verbose=False)
        self._seen: list[int] = []

    def forget(self) -> None:
        self._llama.reset()
        self._seen = []

    def ask(self, ids: list[int], max_new_tokens: int) -> tuple[float, Timing]:
        """Milliseconds of the whole request, and its parts: the first chunk ends the prefill."""
        started = time.perf_counter()
        first: float | None = None
        chunks = 0
        for _chunk in self._llama.create_completion(
            ids, max_tokens=max_new_tokens, temperature=0.0, stop=["\n"], stream=True
        ):
            chunks += 1
            first = first or time.perf_counter()
        ended = time.perf_counter()
        prefilled = first or ended
        new = len(ids) - _common(self._seen, ids)
        self._seen = ids
        parts = Timing(
            new, (prefilled - started) * 1000, max(0, chunks - 1), (ended - prefilled) * 1000
        )
        return (ended - started) * 1000, parts


def _ask_engine(engine: Engine, request: CompletionRequest) -> tuple[float, Timing]:
    started = time.perf_counter()
    answer = engine.complete(request)
    elapsed = (time.perf_counter() - started) * 1000
    parts = Timing(
        answer.prompt_tokens - answer.reused_tokens,
        answer.prefill_ms,
        _evaluations(answer),
        answer.decode_ms,
    )
    return elapsed, parts


def _evaluations(answer: Completion) -> int:
    """Tokens that were evaluated one by one: all, but for one that a limit made the last."""
    ended = answer.finish_reason is FinishReason.END
    return len(answer.tokens) if ended else len(answer.tokens) - 1


def _lines_to_type(count: int) -> Iterator[tuple[str, int, str]]:
    """The text, the offset of a line's first character, and the line; from the middle onwards."""
    text = Path(argparse.__file__).read_text(encoding="utf-8")
    start = text.index("\n", len(text) // 3) + 1
    while count:
        end = text.index("\n", start)
        line = text[start:end]
        if len(line.strip()) >= _MIN_LINE:
            yield text, start + len(line) - len(line.lstrip()), line
            count -= 1
        start = text.index("\n", end + len(text) // 40) + 1


def _typed_so_far(context: FimContext, line: str) -> FimContext:
    """The context without what is still to be typed on the line."""
    rest = len(line) - len(context.typed)
    return FimContext(
        context.prefix, context.typed, context.suffix[rest:], context.path, context.repo
    )


def _empty() -> Figures:
    return Figures([], [], 0, 0.0, 0, 0.0)


def _add(figures: Figures, elapsed: float, parts: Timing, *, cold: bool) -> Figures:
    (figures.cold_ms if cold else figures.warm_ms).append(elapsed)
    read = parts.prefill_tokens if cold else 0
    return Figures(
        figures.cold_ms,
        figures.warm_ms,
        figures.prefill_tokens + read,
        figures.prefill_ms + (parts.prefill_ms if cold else 0.0),
        figures.decode_tokens + parts.decode_tokens,
        figures.decode_ms + parts.decode_ms,
    )


def _common(left: list[int], right: list[int]) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )


def _table(name: str, ours: Figures, theirs: Figures, context: int) -> Table:
    table = Table(title=f"{name}: prompts of up to {context} tokens", title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("engine", "Llama.create_completion", "ratio"):
        table.add_column(heading, justify="right")
    rows: list[tuple[str, float, float, int]] = [
        ("prefill, tokens/s (higher is better)", _rate(ours), _rate(theirs), 0),
        ("decode, ms/token", _per_token(ours), _per_token(theirs), 2),
        (
            "decode, tokens/s (higher is better)",
            1e3 / _per_token(ours),
            1e3 / _per_token(theirs),
            0,
        ),
        *(
            (f"{label}, ms, p{p}", _quantile(values(ours), p), _quantile(values(theirs), p), 1)
            for label, values in (("cold suggestion", _cold), ("suggestion after a key", _warm))
            for p in (50, 95)
        ),
    ]
    for label, left, right, digits in rows:
        table.add_row(label, f"{left:.{digits}f}", f"{right:.{digits}f}", f"{left / right:.2f}")
    return table


def _cold(figures: Figures) -> list[float]:
    return figures.cold_ms


def _warm(figures: Figures) -> list[float]:
    return figures.warm_ms


def _rate(figures: Figures) -> float:
    return figures.prefill_tokens / max(figures.prefill_ms, 1e-9) * 1000


def _per_token(figures: Figures) -> float:
    return max(figures.decode_ms, 1e-9) / max(figures.decode_tokens, 1)


def _quantile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores{load}"
