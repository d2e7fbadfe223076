"""Between an editor and the model: whether to ask, what to ask, what to show.

Pure functions; the language server and `inkling complete` share them. The rules themselves are in
`rules/`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from inkling.languages import detect_language, from_lsp_id
from inkling.layout import split_at_cursor
from inkling.secrets import without_secrets
from lsp_server.engine.records import Completion, CompletionRequest, Source
from lsp_server.rules.asking import Question, silenced
from lsp_server.rules.extent import lines_wanted
from lsp_server.rules.polish import RULES, Polished, polish
from lsp_server.rules.reasons import Reason, Silence
from lsp_server.rules.scene import Scene
from lsp_server.rules.syntax import Syntax

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.documents import Document
    from lsp_server.workspace import Place

WINDOW_CHARACTERS = 200_000
WINDOW_STEP = 10_000
MAX_LINES = 8
MIN_PROBABILITY = 0.3


@dataclass(frozen=True)
class Policy:
    """What the user wants.

    Attributes:
        max_new_tokens: longest suggestion, in tokens.
        max_lines: longest suggestion where nothing follows on the cursor's line.
        languages: names of `inkling.languages` to suggest in; None: all that the model knows.
        min_probability: a suggestion ends where it would become less probable than this.
        source: who answers, where there is a repository memory.
        least_confidence: geometric mean of the tokens' probabilities, in 0 to 1, below which
            nothing is shown.
        rules: whether what the model wrote is judged and cut before it is shown.
    """

    max_new_tokens: int = 64
    max_lines: int = MAX_LINES
    languages: frozenset[str] | None = None
    min_probability: float = 0.0
    source: Source = Source.BOTH
    least_confidence: float = 0.0
    rules: bool = True


def language_of(document: Document) -> str | None:
    """Name of the document's language: as the editor says, else by its file name."""
    language = from_lsp_id(document.language_id)
    if language is None and document.path is not None:
        first_line = (document.text or "")[:200].partition("\n")[0]
        language = detect_language(document.path, first_line)
    return language.name if language else None


def plan(
    document: Document,
    offset: int,
    place: Place,
    policy: Policy,
    model_serves: Callable[[str | None], bool],
    *,
    invoked: bool = True,
) -> CompletionRequest | Silence:
    """What to ask the model at `offset` (in characters), or why not to ask.

    Args:
        model_serves: whether the model was trained on a language of `inkling.languages`.
        invoked: the user asked for it; otherwise less is asked, and for fewer lines.
    """
    language = language_of(document)
    # What is further away than this never reaches the prompt, so don't look at it.
    # In steps, so that what is held of the window from key to key stays where it is.
    start = max(0, offset - WINDOW_CHARACTERS) // WINDOW_STEP * WINDOW_STEP
    text = None if document.text is None else document.text[start : offset + WINDOW_CHARACTERS]
    line_before, rest = document.start_of_line(offset), document.rest_of_line(offset)
    question = Question(
        document.path, language, text, line_before, rest, policy.languages, model_serves, invoked
    )
    if (silence := silenced(question)) is not None:
        return silence
    assert text is not None
    if invoked:
        lines = 1 if rest.strip() else policy.max_lines
    else:
        lines = lines_wanted(line_before, rest, language, policy.max_lines)
    context = split_at_cursor(text, offset - start, path=place.path, repo=place.repo)
    if _hidden(line_before + rest, language) != line_before + rest:
        return Silence(Reason.SECRET_LINE)
    prefix, suffix = _hidden(context.prefix, language), _hidden(context.suffix, language)
    context = replace(context, prefix=prefix, suffix=suffix)
    return CompletionRequest(
        context,
        max_new_tokens=policy.max_new_tokens,
        max_lines=lines,
        min_probability=policy.min_probability,
        source=policy.source,
    )


def parse(document: Document, offset: int, previous: Syntax | None = None) -> Syntax | None:
    """The syntax around `offset`; None without a grammar.

    Args:
        previous: of the same document before the last edits, which makes this fast.
    """
    before, after = _around(document, offset)
    return Syntax.of(language_of(document), before, after, previous)


def presentable(
    completion: Completion,
    document: Document,
    offset: int,
    policy: Policy | None = None,
    syntax: Syntax | None = None,
    *,
    invoked: bool = True,
) -> Polished:
    """What of an answer to show at `offset`, with the document's line breaks.

    Args:
        invoked: the user asked for it; otherwise it has to be worth a look.
    """
    before, after = _around(document, offset)
    scene = Scene(
        before,
        after,
        language_of(document),
        completion.finish_reason,
        completion.logprobs,
        policy.least_confidence if policy else 0.0,
        syntax,
        invoked,
    )
    rules = RULES if policy is None or policy.rules else ()
    polished = polish(_with_newlines(completion.text), scene, rules)
    return replace(polished, text=polished.text.replace("\n", document.line_break))


# From key to key nearly all of the text stays the same.
_hidden = lru_cache(8)(without_secrets)


def _around(document: Document, offset: int) -> tuple[str, str]:
    text = document.text or ""
    before = text[max(0, offset - WINDOW_CHARACTERS) : offset]
    after = text[offset : offset + WINDOW_CHARACTERS]
    return _with_newlines(before), _with_newlines(after)


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
