"""Why nothing is shown, or less than the model wrote: a code for machines, a sentence for people.

The sentences never hold text of a document.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """A reason code, as `inkling/status`, `inkling explain` and the statistics name it."""

    # Nothing is asked.
    DISABLED = "disabled"
    SECRET_FILE = "secret-file"
    LANGUAGE_UNKNOWN_TO_MODEL = "language-unknown-to-model"
    LANGUAGE_OFF = "language-off"
    TOO_LARGE = "too-large"
    BINARY = "binary"
    PRIVATE_KEY = "private-key"
    SECRET_LINE = "secret-line"
    MID_WORD = "mid-word"
    MUCH_FOLLOWS = "much-follows"
    NOT_OPEN = "not-open"
    NOT_LOADED = "not-loaded"

    # Something was asked, and the answer is not wanted any more or did not come.
    REPLACED = "replaced"
    DOCUMENT_CHANGED = "document-changed"
    FAILED = "failed"

    # The answer was cut, or nothing was left of it.
    REPETITION = "repetition"
    UNFINISHED_LINE = "unfinished-line"
    DUPLICATE_LINES = "duplicate-lines"
    SUFFIX_OVERLAP = "suffix-overlap"
    BRACKET_BALANCE = "bracket-balance"
    INDENTATION = "indentation"
    SYNTAX_ERROR = "syntax-error"
    TRAILING_SPACE = "trailing-space"
    TOO_SHORT = "too-short"
    LOW_CONFIDENCE = "low-confidence"
    NOTHING_TO_ADD = "nothing-to-add"

    # The check of the sources, before display.
    BLOCKED_SOURCE = "blocked-source"
    BLOCKED_REMOVED = "blocked-removed"
    BLOCKED_UNCHECKED = "blocked-unchecked"


_SENTENCES = {
    Reason.DISABLED: "suggestions are switched off",
    Reason.SECRET_FILE: "files of this name hold secrets",
    Reason.LANGUAGE_UNKNOWN_TO_MODEL: "the model was not trained on this kind of file",
    Reason.LANGUAGE_OFF: "this kind of file is switched off in the settings",
    Reason.TOO_LARGE: "the document is too large",
    Reason.BINARY: "the document is binary",
    Reason.PRIVATE_KEY: "the document holds a private key",
    Reason.SECRET_LINE: "the line holds what looks like a secret",
    Reason.MID_WORD: "the cursor stands inside a word",
    Reason.MUCH_FOLLOWS: "much text follows on the cursor's line",
    Reason.NOT_OPEN: "the editor has not opened this document",
    Reason.NOT_LOADED: "the model is not loaded",
    Reason.REPLACED: "a newer request or an edit has replaced this one",
    Reason.DOCUMENT_CHANGED: "the document has changed meanwhile",
    Reason.FAILED: "the model could not answer",
    Reason.REPETITION: "the model repeats itself",
    Reason.UNFINISHED_LINE: "the last line was cut off by the token limit",
    Reason.DUPLICATE_LINES: "it repeats the lines below the cursor",
    Reason.SUFFIX_OVERLAP: "it repeats the rest of the cursor's line",
    Reason.BRACKET_BALANCE: "it closes a bracket that is not open or is closed already",
    Reason.INDENTATION: "it leaves the block of the cursor, or indents unlike the document",
    Reason.SYNTAX_ERROR: "it would break the syntax",
    Reason.TRAILING_SPACE: "it ends in white space",
    Reason.TOO_SHORT: "taking it costs the same key as typing it",
    Reason.LOW_CONFIDENCE: "the model is not sure enough",
    Reason.NOTHING_TO_ADD: "the model has nothing to add",
    Reason.BLOCKED_SOURCE: "it copies code that the policy for sources blocks",
    Reason.BLOCKED_REMOVED: "it repeats code that was removed from the training data's index",
    Reason.BLOCKED_UNCHECKED: "its sources could not be checked, and the policy blocks that",
}


@dataclass(frozen=True)
class Silence:
    """Nothing is shown, and why.

    Attributes:
        detail: takes the place of the code's own sentence where more can be said. It must be free
            of the document's text.
    """

    code: Reason
    detail: str = ""

    @property
    def reason(self) -> str:
        """One sentence, without capital and full stop."""
        return self.detail or explain(self.code)


def explain(code: Reason) -> str:
    """The sentence of a reason code."""
    return _SENTENCES[code]
