"""The rules between an editor and the model: when to ask, what to ask, what to show.

Pure functions; the language server and `inkling complete` share them. Whatever isn't asked or
shown has a reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.languages import detect_language, from_lsp_id
from inkling.layout import split_at_cursor
from inkling.secrets import contains_private_key, is_secret_path
from lsp_server.engine.records import Completion, CompletionRequest, FinishReason, Source
from lsp_server.repetition import goes_in_circles

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.documents import Document
    from lsp_server.workspace import Place

WINDOW_CHARACTERS = 200_000
MAX_LINES = 8
MIN_PROBABILITY = 0.3


@dataclass(frozen=True)
class Silence:
    """Nothing is shown, and why (one sentence, free of the document's text)."""

    reason: str


@dataclass(frozen=True)
class Policy:
    """What the user wants.

    Attributes:
        max_new_tokens: longest suggestion, in tokens.
        max_lines: longest suggestion where nothing follows on the cursor's line.
        languages: names of `inkling.languages` to suggest in; None: all that the model knows.
        min_probability: a suggestion ends where it would become less probable than this.
        source: who answers, where there is a repository memory.
    """

    max_new_tokens: int = 64
    max_lines: int = MAX_LINES
    languages: frozenset[str] | None = None
    min_probability: float = 0.0
    source: Source = Source.BOTH


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
) -> CompletionRequest | Silence:
    """What to ask the model at `offset` (in characters), or why not to ask.

    Args:
        model_serves: whether the model was trained on a language of `inkling.languages`.
    """
    if document.path is not None and is_secret_path(document.path):
        return Silence("files of this name hold secrets")
    language = language_of(document)
    if not model_serves(language):
        return Silence(f"the model was not trained on {language or 'this kind of file'}")
    if policy.languages is not None and language not in policy.languages:
        return Silence(f"{language or 'this kind of file'} is switched off in the settings")
    if document.text is None:
        return Silence("the document is too large")
    # What is further away than this never reaches the prompt, so don't look at it.
    start = max(0, offset - WINDOW_CHARACTERS)
    text = document.text[start : offset + WINDOW_CHARACTERS]
    if "\0" in text:
        return Silence("the document is binary")
    if contains_private_key(text):
        return Silence("the document holds a private key")
    follows = document.rest_of_line(offset).strip()
    return CompletionRequest(
        split_at_cursor(text, offset - start, path=place.path, repo=place.repo),
        max_new_tokens=policy.max_new_tokens,
        max_lines=1 if follows else policy.max_lines,
        min_probability=policy.min_probability,
        source=policy.source,
    )


def presentable(completion: Completion, line_break: str = "\n") -> str | Silence:
    """The text to insert, with the document's line breaks, or why there is none.

    Nothing but white space is not a suggestion; a last line that the token limit cut off isn't
    shown after others that are whole.
    """
    text = completion.text.replace("\r\n", "\n").replace("\r", "\n")
    if completion.finish_reason is not FinishReason.END and goes_in_circles(text):
        return Silence("the model repeats itself")
    if completion.finish_reason is FinishReason.LENGTH and "\n" in text.strip():
        text = text.rpartition("\n")[0]
    text = text.rstrip()
    if not text:
        return Silence("the model has nothing to add")
    return text.replace("\n", line_break)
