"""`inkling explain FILE:LINE:COLUMN`: what was asked, what came back, and what the rules did."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated

import tyro

from attribution.report import as_text
from inkling.errors import run_command
from inkling.layout import Sentinel, prompt_segments
from inkling.settings import load_settings
from lsp_server import logs
from lsp_server.complete import offset_of, parse_place, read_document
from lsp_server.provenance.gate import verdict_json
from lsp_server.provenance.once import judge_once
from lsp_server.rules.confidence import confidence
from lsp_server.rules.reasons import Silence, explain
from lsp_server.suggest import MIN_PROBABILITY, Policy, language_of, parse, plan, presentable
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from inkling.layout import FimContext
    from lsp_server.documents import Document
    from lsp_server.engine.engine import Engine
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.provenance.gate import Verdict
    from lsp_server.rules.polish import Polished

_TITLE = "bold"


@dataclass(frozen=True)
class Part:
    """One part of the prompt: its name, its length in characters and in tokens."""

    name: str
    characters: int
    tokens: int


@dataclass(frozen=True)
class Explain:
    """Say what is asked at a place in a file, what the model answers, and what is left of it.

    It prints sizes, times and reasons; the text of the prompt only with '--prompt'.
    """

    place: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FILE:LINE:COLUMN")]
    """Where the cursor stands; lines and columns count from 1."""

    model: str | None = None
    """Bundle folder or GGUF file (default: what the settings say, else the starter model)."""

    automatic: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """As if it came up while typing; otherwise as if it was asked for."""

    prompt: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print the prompt, too."""

    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print an object."""

    log_level: logs.Level = "error"
    """Least severity to log on standard error."""

    def run(self) -> int:
        from inkling.bundle import open_bundle
        from lsp_server.loading import open_engine

        logs.configure(self.log_level)
        settings = load_settings()
        if self.model is not None:
            settings = replace(settings, model=self.model)
        path, line, column = parse_place(self.place)
        document = read_document(path)
        offset = offset_of(document, line, column)
        bundle = open_bundle(settings.model)
        policy = Policy(settings.max_new_tokens, min_probability=MIN_PROBABILITY)
        place = locate(document.path)
        request = plan(document, offset, place, policy, bundle.serves, invoked=not self.automatic)
        if isinstance(request, Silence):
            self._print_silence(request)
            return 0
        with open_engine(settings) as engine:
            cold = engine.complete(request)
            warm = engine.complete(request)
            window = seen_window(engine, request)
            parts = prompt_parts(engine, window)
        syntax = parse(document, offset)
        polished = presentable(cold, document, offset, policy, syntax)
        verdict = None
        if polished.text:
            verdict = judge_once(settings, bundle, document, offset, polished.text)
        if self.json:
            record = _record(document, request, parts, cold, warm, polished)
            record["attribution"] = verdict_json(verdict) if verdict is not None else None
            print(json.dumps(record, ensure_ascii=False))
        else:
            self._print(document, request, parts, cold, warm, polished)
            if verdict is not None:
                self._print_sources(verdict)
        if self.prompt:
            sys.stdout.write(_text(window))
        return 0

    def _print_silence(self, silence: Silence) -> None:
        if self.json:
            print(json.dumps({"code": silence.code, "reason": silence.reason}))
        else:
            print(f"The model is not asked: {silence.reason} ({silence.code}).")

    def _print(
        self,
        document: Document,
        request: CompletionRequest,
        parts: list[Part],
        cold: Completion,
        warm: Completion,
        polished: Polished,
    ) -> None:
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False)
        table = Table("part of the prompt", "characters", "tokens", box=None)
        for part in parts:
            table.add_row(part.name, str(part.characters), str(part.tokens))
        console.print(f"{self.place}: {language_of(document) or 'unknown language'}", style=_TITLE)
        console.print(table)
        console.print(
            f"asked for at most {request.max_new_tokens} tokens and {request.max_lines} lines"
        )
        for name, answer in (("first", cold), ("again", warm)):
            console.print(
                f"{name}: {answer.prompt_tokens} tokens of prompt, {answer.reused_tokens} of them "
                f"in the cache; {answer.prefill_ms:.0f} ms to the first token, "
                f"{answer.decode_ms:.0f} ms for the rest"
            )
        console.print(
            f"answer: {len(cold.tokens)} tokens, {len(cold.text)} characters, ended by "
            f"'{cold.finish_reason}', mean probability {confidence(cold.logprobs):.2f}"
        )
        for step in polished.steps:
            console.print(f"rule {step.code}: {explain(step.code)} (−{step.removed} characters)")
        if polished.code is None:
            console.print(f"shown: {len(polished.text)} characters", style=_TITLE)
        else:
            console.print(f"nothing is shown: {explain(polished.code)} ({polished.code})")

    def _print_sources(self, verdict: Verdict) -> None:
        for line in as_text("sources", verdict.report).splitlines():
            print(line)
        print(f"policy: {verdict.action}" + (f" ({verdict.reason})" if verdict.reason else ""))


def seen_window(engine: Engine, request: CompletionRequest) -> FimContext:
    """As much of the request's context as the prompt has room for."""
    from lsp_server.engine.prompt import window_at

    budget = engine.session.context_size - request.max_new_tokens
    return window_at(request.context, engine.model.vocabulary, budget)


def prompt_parts(engine: Engine, window: FimContext) -> list[Part]:
    """The parts of the prompt, by the sentinel before them; empty ones are left out."""
    vocabulary = engine.model.vocabulary
    names = {
        Sentinel.REPO: "repository",
        Sentinel.FILE: "other file or path",
        Sentinel.PREFIX: "before the cursor's line",
        Sentinel.SUFFIX: "after the cursor",
        Sentinel.MIDDLE: "typed of the line",
    }
    parts: list[Part] = []
    current: Sentinel | None = None
    for segment in prompt_segments(window):
        if isinstance(segment, Sentinel):
            current = segment
        elif segment and current in vocabulary.sentinel_ids:
            tokens = len(vocabulary.encode(segment))
            parts.append(Part(names.get(current, "") if current else "", len(segment), tokens))
    return parts


def _record(
    document: Document,
    request: CompletionRequest,
    parts: list[Part],
    cold: Completion,
    warm: Completion,
    polished: Polished,
) -> dict[str, object]:
    return {
        "language": language_of(document),
        "prompt": [asdict(part) for part in parts],
        "maxNewTokens": request.max_new_tokens,
        "maxLines": request.max_lines,
        "first": _figures(cold),
        "again": _figures(warm),
        "finishReason": cold.finish_reason,
        "confidence": round(confidence(cold.logprobs), 4),
        "rules": [asdict(step) for step in polished.steps],
        "code": polished.code,
        "text": polished.text,
    }


def _figures(completion: Completion) -> dict[str, float]:
    return {
        "promptTokens": completion.prompt_tokens,
        "reusedTokens": completion.reused_tokens,
        "newTokens": len(completion.tokens),
        "prefillMs": round(completion.prefill_ms, 1),
        "decodeMs": round(completion.decode_ms, 1),
    }


def _text(window: FimContext) -> str:
    """The prompt as text, sentinels spelled out."""
    return (
        "".join(
            segment.value if isinstance(segment, Sentinel) else segment
            for segment in prompt_segments(window)
        )
        + "\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling explain` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Explain, prog="inkling explain", args=arguments)
    return run_command(command.run)
