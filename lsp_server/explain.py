"""`inkling explain FILE:LINE:COLUMN`: what was asked, what came back, and what the rules did."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import tyro

from attribution.report import as_text
from inkling.errors import run_command
from lsp_server import logs  # noqa: TC001  # tyro reads the annotation
from lsp_server.complete import prepare, with_other_files
from lsp_server.figures import figures
from lsp_server.parts import asked_parts, prompt_parts, prompt_text
from lsp_server.provenance.gate import verdict_json
from lsp_server.provenance.once import judge_once
from lsp_server.rules.confidence import confidence
from lsp_server.rules.reasons import Silence, explain
from lsp_server.suggest import MIN_PROBABILITY, Policy, language_of, parse, plan, presentable
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.parts import Part
    from lsp_server.provenance.gate import Verdict
    from lsp_server.rules.polish import Polished

_TITLE = "bold"


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

        settings, document, offset = prepare(self.place, self.model, self.log_level)
        bundle = open_bundle(settings.model)
        policy = Policy(settings.max_new_tokens, min_probability=MIN_PROBABILITY)
        place = locate(document.path)
        request = plan(document, offset, place, policy, bundle.serves, invoked=not self.automatic)
        if isinstance(request, Silence):
            self._print_silence(request)
            return 0
        with open_engine(settings) as engine:
            request = with_other_files(request, document, place, engine)
            cold = engine.complete(request)
            warm = engine.complete(request)
            window = cold.window or engine.seen(request)
            if cold.window is not None and engine.vocabulary is not None:
                parts = asked_parts(window, engine.vocabulary)
            else:
                parts = prompt_parts(window, engine.count_tokens)
        syntax = parse(document, offset)
        polished = presentable(cold, document, offset, policy, syntax, invoked=not self.automatic)
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
            sys.stdout.write(prompt_text(window) + "\n")
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
            table.add_row(part.name, str(len(part.text)), str(part.tokens))
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
        "prompt": [
            {"name": part.name, "characters": len(part.text), "tokens": part.tokens}
            for part in parts
        ],
        "maxNewTokens": request.max_new_tokens,
        "maxLines": request.max_lines,
        "first": figures(cold),
        "again": figures(warm),
        "finishReason": cold.finish_reason,
        "confidence": round(confidence(cold.logprobs), 4),
        "rules": [asdict(step) for step in polished.steps],
        "code": polished.code,
        "text": polished.text,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling explain` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Explain, prog="inkling explain", args=arguments)
    return run_command(command.run)
