"""When the model is asked at all: one function a rule, each with its reason for silence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.secrets import contains_private_key, is_secret_path
from lsp_server.rules.reasons import Reason, Silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MUCH = 24
_CLOSING = re.compile(r"[\s)\]}>\"'`,;:]*\Z")
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Question:
    """Where a suggestion is wanted.

    Attributes:
        path: of the document, if it is a file.
        language: name in `inkling.languages`.
        nearby: text around the cursor, as much as may reach a prompt; None if it is too large.
        line_before: what stands before the cursor on its line.
        rest_of_line: what stands after it.
        wanted: languages that the user wants suggestions in; None: all.
        model_serves: whether the model was trained on a language.
        invoked: the user asked for it.
    """

    path: Path | None
    language: str | None
    nearby: str | None
    line_before: str
    rest_of_line: str
    wanted: frozenset[str] | None
    model_serves: Callable[[str | None], bool]
    invoked: bool


def secret_file(question: Question) -> Silence | None:
    if question.path is not None and is_secret_path(question.path):
        return Silence(Reason.SECRET_FILE)
    return None


def unknown_to_model(question: Question) -> Silence | None:
    if question.model_serves(question.language):
        return None
    what = question.language or "this kind of file"
    return Silence(Reason.LANGUAGE_UNKNOWN_TO_MODEL, f"the model was not trained on {what}")


def language_off(question: Question) -> Silence | None:
    if question.wanted is None or question.language in question.wanted:
        return None
    what = question.language or "this kind of file"
    return Silence(Reason.LANGUAGE_OFF, f"{what} is switched off in the settings")


def too_large(question: Question) -> Silence | None:
    return Silence(Reason.TOO_LARGE) if question.nearby is None else None


def binary(question: Question) -> Silence | None:
    return Silence(Reason.BINARY) if "\0" in (question.nearby or "") else None


def private_key(question: Question) -> Silence | None:
    return Silence(Reason.PRIVATE_KEY) if contains_private_key(question.nearby or "") else None


def mid_word(question: Question) -> Silence | None:
    """Unasked, a word that stands on both sides of the cursor is left alone."""
    if question.invoked or not _WORD.match(question.rest_of_line):
        return None
    return Silence(Reason.MID_WORD) if _WORD.match(question.line_before[-1:]) else None


def much_follows(question: Question) -> Silence | None:
    """Unasked, a line that goes on for long after the cursor is left alone."""
    rest = question.rest_of_line.strip()
    if question.invoked or len(rest) <= _MUCH or _CLOSING.match(rest):
        return None
    return Silence(Reason.MUCH_FOLLOWS)


ASKING: tuple[Callable[[Question], Silence | None], ...] = (
    secret_file,
    unknown_to_model,
    language_off,
    too_large,
    binary,
    private_key,
    mid_word,
    much_follows,
)


def silenced(question: Question) -> Silence | None:
    """The first reason not to ask, if there is one."""
    return next((why for rule in ASKING if (why := rule(question)) is not None), None)
