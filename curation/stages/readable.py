"""Stage "readable": a file must be UTF-8 text of a sane size and hold no secret by name or shape.

The reader has already put the text into the document, or what prevented it: an error, or why the
source made no document of a row, a commit or a discussion.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from curation.quality.limits import greatest
from curation.stages.stage import Drop, Explanation, Stage
from inkling.secrets import contains_private_key, is_secret_path, private_key_header

if TYPE_CHECKING:
    from datatrove.data import Document

MAX_BYTES = greatest("too_large")
UNREADABLE_KEY = "unreadable"
_NONE = "none"
_ALLOWED = {
    "too_large": f"at most {MAX_BYTES:,} bytes",
    "not_utf8": "UTF-8 text without NUL bytes",
    "binary": "UTF-8 text without NUL bytes",
    "empty": "at least 1 character",
    "secret_file": "no name that secrets have",
    "private_key": _NONE,
}


def decode(raw: bytes) -> str | Drop:
    """The text of a file, without a byte order mark, or why it has none."""
    if b"\0" in raw:
        return Drop("binary", "holds a NUL byte")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Drop("not_utf8", f"byte {error.start}: {error.reason}")


class Readable(Stage):
    """Drops what could not be read as text, empty files, and files that hold secrets."""

    name = "readable"

    def judge(self, document: Document) -> Drop | None:
        unreadable = document.metadata.pop(UNREADABLE_KEY, None)
        if unreadable is not None:
            return Drop(*unreadable)
        if not document.text.strip():
            return Drop("empty", f"{len(document.text)} characters, all of them blank")
        if is_secret_path(document.metadata["path"]):
            return Drop("secret_file", document.metadata["path"])
        if contains_private_key(document.text):
            return Drop("private_key", "holds the header of one")
        return None

    def explain(self, document: Document) -> list[Explanation]:
        """The rule that drops a document, or every rule with what it found."""
        (row,) = super().explain(document)
        if row.rule == "private_key":
            return [replace(row, allowed=_NONE, span=private_key_header(document.text))]
        if not row.passed:
            return [replace(row, allowed=_ALLOWED.get(row.rule, ""))]
        size = len(document.text.encode("utf-8", "surrogatepass"))
        found = {
            "too_large": f"{size:,} bytes",
            "not_utf8": "UTF-8",
            "empty": f"{len(document.text.strip()):,} characters",
            "secret_file": document.metadata["path"],
            "private_key": "no header of one",
        }
        return [
            Explanation(self.name, rule, value, _ALLOWED[rule], True)
            for rule, value in found.items()
        ]
