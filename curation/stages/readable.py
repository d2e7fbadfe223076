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
        (row,) = super().explain(document)
        if row.rule != "private_key":
            return [row]
        return [replace(row, span=private_key_header(document.text))]
