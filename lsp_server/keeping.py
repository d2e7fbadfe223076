"""With its user's consent: what became of a suggestion, written down with its text.

Only what happened at the very place counts: the text before the cursor must be as it was.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from inkling.interactions import CONTEXT_CHARACTERS, Interaction

if TYPE_CHECKING:
    from lsp_server.documents import Document


def interaction(
    before: Document, offset: int, suggested: str, now: Document | None, language: str, path: str
) -> Interaction | None:
    """What was made of a suggestion at `offset` of `before`; None if nobody can tell.

    Args:
        now: the document half a minute later; None if it was closed.
        path: the file's name in prompts.
    """
    text = now.text if now is not None else None
    if before.text is None or text is None or not suggested:
        return None
    prefix = before.text[:offset]
    if not text.startswith(prefix):
        return None
    written = "".join(text[offset:].splitlines(keepends=True)[: suggested.count("\n") + 1])
    written = written.rstrip("\r\n").removesuffix(before.rest_of_line(offset))
    if not written.strip():
        return None
    return Interaction(
        time.time(),
        language,
        path,
        prefix[-CONTEXT_CHARACTERS:],
        before.text[offset:][:CONTEXT_CHARACTERS],
        suggested,
        written,
        text[offset:].startswith(suggested),
    )
