"""`inkling explain FILE:LINE:COLUMN`: what was asked, what came back, and what the rules did."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import tyro

from attribution.report import as_text
from inkling.errors import run_command
from lsp_server import logs  # noqa: TC001  # tyro reads the annotation
from lsp_server.complete import bundle_here, prepare, serves_any, with_other_files
from lsp_server.figures import figures
from lsp_server.parts import asked_parts, prompt_parts, prompt_text
from lsp_server.provenance.gate import verdict_json
from lsp_server.provenance.once import judge_once
from lsp_server.remembering import memory_of
from lsp_server.rules.confidence import confidence
from lsp_server.rules.reasons import Silence, explain
from lsp_server.suggest import MIN_PROBABILITY, Policy, language_of, parse, plan, presentable
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from inkling.bundle import Bundle
    from inkling.layout import FimContext
    from inkling.settings import Settings
    from lsp_server.backend import Backend
    from lsp_server.documents import Document
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.memory.repository import RepositoryMemory
    from lsp_server.parts import Part
    from lsp_server.provenance.gate import Verdict
    from lsp_server.rules.polish import Polished
    from lsp_server.workspace import Place

_TITLE = "bold"


@dataclass(frozen=True)
class Explained:
    """All that there is to say of one place.

    Attributes:
        name: of the model or server that was asked.
        parts: of the prompt; what would be asked, if the memory answered alone.
        first: the answer with an empty cache; `again`: the same question once more, None of a
            server elsewhere, whose tokens and cache aren't known here.
        polished: what the rules left of the first answer.
        memory: what the repository's memory holds; None without one.
        verdict: on the sources of what is shown, if something is.
    """

    place: str
    name: str
    document: Document
    request: CompletionRequest
    window: FimContext
    parts: list[Part]
    first: Completion
    again: Completion | None
    polished: Polished
    memory: RepositoryMemory | None
    verdict: Verdict | None


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

    memory: bool = True
    """Use the memory of the checkout that the file lies in, as the editor does. Of a very large one
    it takes some seconds to read."""

    prompt: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print the prompt, too."""

    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print an object."""

    log_level: logs.Level = "error"
    """Least severity to log on standard error."""

    def run(self) -> int:
        settings, document, offset = prepare(self.place, self.model, self.log_level)
        bundle = bundle_here(settings)
        policy = Policy(settings.max_new_tokens, min_probability=MIN_PROBABILITY)
        place = locate(document.path)
        request = plan(
            document, offset, place, policy, bundle.serves if bundle else serves_any,
            invoked=not self.automatic, parsed=lambda: parse(document, offset),
        )  # fmt: skip
        if isinstance(request, Silence):
            self._print_silence(request)
            return 0
        found = self._ask(settings, bundle, request, (document, offset, place))
        if self.json:
            print(json.dumps(as_record(found), ensure_ascii=False))
        else:
            print_explained(found)
        if self.prompt:
            sys.stdout.write(prompt_text(found.window) + "\n")
        return 0

    def _ask(
        self,
        settings: Settings,
        bundle: Bundle | None,
        request: CompletionRequest,
        where: tuple[Document, int, Place],
    ) -> Explained:
        from lsp_server.loading import open_backend

        document, offset, place = where
        with closing(open_backend(settings)) as engine:
            request = with_other_files(request, document, place, engine)
            engine.memory = memory_of(place, engine) if self.memory else None
            first = engine.complete(request)
            again = engine.complete(request) if bundle is not None else None
            window, parts = _asked(engine, request, first)
            memory = engine.memory
            name = engine.served.name
        syntax, invoked = parse(document, offset), not self.automatic
        polished = presentable(first, document, offset, None, syntax, invoked=invoked)
        verdict = None
        if polished.text:
            verdict = judge_once(settings, bundle, document, offset, polished.text)
        return Explained(
            self.place, name, document, request, window, parts, first, again, polished, memory,
            verdict,
        )  # fmt: skip

    def _print_silence(self, silence: Silence) -> None:
        if self.json:
            print(json.dumps({"code": silence.code, "reason": silence.reason}))
        else:
            print(f"The model is not asked: {silence.reason} ({silence.code}).")


def _asked(
    engine: Backend, request: CompletionRequest, answer: Completion
) -> tuple[FimContext, list[Part]]:
    """What was asked, or would be if the memory had not answered; and its parts."""
    if answer.window is not None and engine.vocabulary is not None:
        return answer.window, asked_parts(answer.window, engine.vocabulary)
    window = engine.seen(request)
    return window, prompt_parts(window, engine.count_tokens)


def print_explained(found: Explained) -> None:
    """Print sizes, times and reasons."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table("part of the prompt", "characters", "tokens", box=None)
    for part in found.parts:
        table.add_row(part.name, str(len(part.text)), str(part.tokens))
    language = language_of(found.document) or "unknown language"
    console.print(f"{found.place}: {language}", style=_TITLE)
    console.print(table)
    request, answer = found.request, found.first
    console.print(
        f"asked for at most {request.max_new_tokens} tokens and {request.max_lines} lines"
    )
    if found.memory is not None:
        console.print(
            f"memory: {found.memory.tokens} tokens of {found.memory.files} files; "
            + ("it was certain, so the model wasn't asked" if answer.from_memory else "")
            + ("" if answer.from_memory else f"{answer.accepted} tokens of the answer came from it")
        )
    if found.again is None:
        console.print(
            f"{found.name} was asked, and answered in {answer.prefill_ms:.0f} ms: "
            f"{len(answer.text)} characters, ended by '{answer.finish_reason}'; "
            "the tokens above are estimated"
        )
    else:
        _print_answers(console, (("first", answer), ("again", found.again)))
    _print_judged(console, found)


def _print_answers(console: Console, answers: Sequence[tuple[str, Completion]]) -> None:
    for name, each in answers:
        console.print(
            f"{name}: {each.prompt_tokens} tokens of prompt, {each.reused_tokens} of them "
            f"in the cache; {each.prefill_ms:.0f} ms to the first token, "
            f"{each.decode_ms:.0f} ms for the rest"
        )
    _, answer = answers[0]
    console.print(
        f"answer: {len(answer.tokens)} tokens, {len(answer.text)} characters, ended by "
        f"'{answer.finish_reason}', mean probability {confidence(answer.logprobs):.2f}"
    )


def _print_judged(console: Console, found: Explained) -> None:
    polished, verdict = found.polished, found.verdict
    for step in polished.steps:
        console.print(f"rule {step.code}: {explain(step.code)} (−{step.removed} characters)")
    if polished.code is None:
        console.print(f"shown: {len(polished.text)} characters", style=_TITLE)
    else:
        console.print(f"nothing is shown: {explain(polished.code)} ({polished.code})")
    if verdict is not None:
        for line in as_text("sources", verdict.report).splitlines():
            print(line)
        print(f"policy: {verdict.action}" + (f" ({verdict.reason})" if verdict.reason else ""))


def as_record(found: Explained) -> dict[str, object]:
    """The same as JSON."""
    memory, verdict = found.memory, found.verdict
    return {
        "model": found.name,
        "language": language_of(found.document),
        "prompt": [
            {"name": part.name, "characters": len(part.text), "tokens": part.tokens}
            for part in found.parts
        ],
        "maxNewTokens": found.request.max_new_tokens,
        "maxLines": found.request.max_lines,
        "memory": {"tokens": memory.tokens, "files": memory.files} if memory else None,
        "first": figures(found.first),
        "again": figures(found.again) if found.again is not None else None,
        "finishReason": found.first.finish_reason,
        "confidence": round(confidence(found.first.logprobs), 4),
        "rules": [asdict(step) for step in found.polished.steps],
        "code": found.polished.code,
        "text": found.polished.text,
        "attribution": verdict_json(verdict) if verdict is not None else None,
    }


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling explain` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Explain, prog="inkling explain", args=arguments)
    return run_command(command.run)
