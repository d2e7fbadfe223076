"""A suggestion while it can be seen, and how much of it was taken: each is counted once.

An editor may report that a suggestion was taken word by word, and at the end that all of it was, by
the id of what was shown first or of the rest that was offered since. So what was taken is kept as
places in the suggestion, and no place counts twice.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.shown import Shown


class Sighting:
    """A suggestion with its alternatives, for as long as it can be seen.

    Attributes:
        number: drawn at random; its events belong together by it.
        begins: how much of it stands in the document where it was last offered.
        is_accepted: whether it was taken to its end.
        takes: how often something was taken.
    """

    def __init__(self, first: Shown) -> None:
        self.number = uuid.uuid4().hex[:16]
        self.begins = 0
        self.is_accepted = False
        self.takes = 0
        self._shown = [first]
        self._taken: set[int] = set()

    @property
    def uri(self) -> str:
        return self._shown[0].document.uri

    def add(self, alternative: Shown) -> None:
        """Another text can be seen at the same place."""
        self._shown.append(alternative)

    def offered(self, document: Document, offset: int) -> str:
        """It is offered at an offset of a newer snapshot; what of it stands before that."""
        start = self._shown[0].offset
        self.begins = offset - start
        return (document.text or "")[start:offset]

    def goes_on(self, document: Document, offset: int, rest: str) -> bool:
        """Whether a rest at an offset of a newer snapshot is that of one of its texts."""
        return any(shown.rest_at(document, offset) == rest for shown in self._shown)

    def is_gone_from(self, document: Document) -> bool:
        """Whether a newer snapshot goes on otherwise, or holds all of it."""
        return document.uri == self.uri and all(
            shown.rest_in(document) is None for shown in self._shown
        )

    def take(self, begin: int, end: int, whole: int) -> int:
        """The text from `begin` to `end` of its `whole` characters was taken.

        Returns:
            How many characters of that were not taken before.
        """
        places = set(range(begin, min(end, whole))) - self._taken
        self._taken |= places
        self.takes += 1
        self.is_accepted |= end >= whole
        return len(places)
