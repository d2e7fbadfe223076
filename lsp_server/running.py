"""The request in progress: kept while what is typed agrees with the answer so far.

Then the next request takes the same answer instead of beginning anew. Who nobody waits for any more
is cancelled after a moment, in which the next request may still come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.shown import typed_since

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.engine.worker import Ticket
    from lsp_server.rules.syntax import Syntax

GRACE_SECONDS = 0.03


@dataclass
class Running:
    """A request, and the snapshot and offset that it was made for.

    Attributes:
        invoked: the user asked for a suggestion.
        syntax: around the place, once it is known.
        waiting: how many want the answer.
    """

    document: Document
    offset: int
    ticket: Ticket
    invoked: bool = False
    syntax: Syntax | None = None
    waiting: int = 0

    def agrees_with(self, document: Document) -> bool:
        """Whether a newer snapshot only has typed what the answer begins with so far."""
        typed = typed_since(self.document, self.offset, document)
        if typed is None:
            return False
        said = self.ticket.partial.decode("utf-8", "ignore")
        return said.startswith(typed.replace("\r\n", "\n"))

    def ends_at(self, document: Document, offset: int) -> bool:
        """Whether the text typed since ends at an offset of a newer snapshot."""
        typed = typed_since(self.document, self.offset, document)
        return typed is not None and offset == self.offset + len(typed)

    def release(self) -> bool:
        """End the computation if nobody waits for it; whether that is so."""
        if self.waiting:
            return False
        self.ticket.cancel()
        return True
