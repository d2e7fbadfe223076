"""What is sent to a completion server and what its answer means. Pure functions.

`llama.cpp`: `POST /infill` of llama-server. `openai`: `POST /v1/completions` with `suffix`, as
Ollama takes it; with a family of sentinels the prompt is spelled out instead, for servers that know
no suffix (vLLM, TGI).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from inkling.errors import InklingError
from inkling.foreign_layout import FAMILIES
from inkling.layout import Sentinel, prompt_segments
from lsp_server.engine.records import Completion, FinishReason

if TYPE_CHECKING:
    from inkling.foreign_layout import Family
    from inkling.layout import FimContext
    from lsp_server.engine.records import CompletionRequest

_PREFIX_CHARACTERS = 6_000
_SUFFIX_CHARACTERS = 2_000


class Kind(StrEnum):
    """Which protocol the server speaks."""

    LLAMA_CPP = "llama.cpp"
    OPENAI = "openai"


@dataclass(frozen=True)
class Call:
    """One HTTP request: path and JSON body."""

    path: str
    body: dict[str, Any]


def family(name: str) -> Family:
    """The family of sentinels whose name holds `name`.

    Raises:
        InklingError: there is none.
    """
    found = [row for row in FAMILIES if name.lower() in row.name.lower()]
    if not name or not found:
        raise InklingError(
            f"There is no family of models '{name}'.",
            f"Choose one of: {'; '.join(row.name for row in FAMILIES)}.",
        )
    return found[0]


def call(
    request: CompletionRequest, kind: Kind, model: str = "", sentinels: Family | None = None
) -> Call:
    """The HTTP request that asks for a completion.

    Raises:
        InklingError: the text holds a sentinel, which the server would take for its own.
    """
    window = sent(request.context)
    before, after = window.prefix + window.typed, window.suffix
    stop = ["\n"] if request.max_lines == 1 else []
    if kind is Kind.LLAMA_CPP:
        body = {
            "input_prefix": before,
            "input_suffix": after,
            "input_extra": [
                {"filename": snippet.path, "text": snippet.text} for snippet in window.snippets
            ],
            "prompt": "",
            "n_predict": request.max_new_tokens,
            "temperature": 0.0,
            "cache_prompt": True,
            "stream": False,
            "stop": stop,
        }
        return Call("/infill", body)
    body = {
        "model": model,
        "max_tokens": request.max_new_tokens,
        "temperature": 0.0,
        "stream": False,
        "stop": stop,
    }
    if sentinels is None:
        return Call("/v1/completions", {**body, "prompt": before, "suffix": after})
    return Call("/v1/completions", {**body, "prompt": spelled_out(window, sentinels)})


def spelled_out(window: FimContext, family: Family) -> str:
    """The prompt in our own layout, with a family's sentinels as text. Parts that begin with a
    sentinel that the family lacks are left out.

    Raises:
        InklingError: the text holds a sentinel, which the server would take for its own.
    """
    marks = {
        Sentinel.PREFIX: family.prefix,
        Sentinel.SUFFIX: family.suffix,
        Sentinel.MIDDLE: family.middle,
        Sentinel.REPO: family.repo,
        Sentinel.FILE: family.file,
    }
    spelled: list[str] = []
    wanted = True
    for segment in prompt_segments(window):
        if isinstance(segment, Sentinel):
            wanted = bool(marks[segment])
            spelled.append(marks[segment])
        elif any(mark and mark in segment for mark in marks.values()):
            raise InklingError(
                "The text holds a sentinel of the model, so it can't be asked about.",
                "Use a llama.cpp server, which keeps text and sentinels apart.",
            )
        elif wanted:
            spelled.append(segment)
    return "".join(spelled)


def sent(context: FimContext) -> FimContext:
    """What of the text is sent, cut at line starts so that the server's cache stays useful."""
    prefix, suffix = context.prefix, context.suffix
    if len(prefix) + len(context.typed) > _PREFIX_CHARACTERS:
        step = _PREFIX_CHARACTERS // 2
        over = len(prefix) + len(context.typed) - _PREFIX_CHARACTERS
        cut = prefix.find("\n", over // step * step) if over >= step else -1
        prefix = prefix[cut + 1 :] if over < step or cut >= 0 else ""
    if len(suffix) > _SUFFIX_CHARACTERS:
        suffix = (
            suffix[: suffix.rfind("\n", 0, _SUFFIX_CHARACTERS) + 1] or suffix[:_SUFFIX_CHARACTERS]
        )
    typed = context.typed[-2 * _PREFIX_CHARACTERS :]
    if typed != context.typed:
        prefix = ""
    return replace(context, prefix=prefix, typed=typed, suffix=suffix)


def answer(value: Any, request: CompletionRequest, kind: Kind, seconds: float) -> Completion:
    """The completion that a server's JSON holds.

    Raises:
        InklingError: it isn't what such a server answers.
    """
    try:
        if kind is Kind.LLAMA_CPP:
            text, limited = value["content"], value.get("stop_type") == "limit"
        else:
            choice = value["choices"][0]
            text, limited = choice["text"], choice.get("finish_reason") == "length"
        if not isinstance(text, str):
            raise TypeError
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise InklingError(
            "The completion server answered something that is no completion.",
            "Check 'server' and 'server_kind' in the settings.",
        ) from error
    finish = FinishReason.LENGTH if limited else FinishReason.END
    lines = text.split("\n")
    if request.max_lines is not None and len(lines) > request.max_lines:
        text, finish = "\n".join(lines[: request.max_lines]), FinishReason.LINES
    return Completion(text, (), (), finish, 0, 0, round(seconds * 1000, 1), 0.0)
