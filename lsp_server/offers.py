"""What the editor was offered lately, so that taking it can be told from not taking it.

The texts stay in memory only, until the suggestion is judged or forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.provenance.checker import Judgement
    from lsp_server.sightings import Sighting

_REMEMBERED = 64


@dataclass(frozen=True)
class Offer:
    """A suggestion that was sent: `text` for the document `uri`, written in `language`.

    Attributes:
        sighting: of the suggestion that it is, or is the rest of.
        before: what of that stood in the document already.
        judgement: what the check of its sources says.
    """

    uri: str
    text: str
    language: str
    sighting: Sighting
    before: str = ""
    judgement: Judgement | None = None


class Offers:
    """The last offers by their id."""

    def __init__(self) -> None:
        self._offers: OrderedDict[str, Offer] = OrderedDict()
        self._count = 0

    def add(self, offer: Offer) -> str:
        """Remember an offer; returns its id."""
        self._count += 1
        self._offers[str(self._count)] = offer
        while len(self._offers) > _REMEMBERED:
            self._offers.popitem(last=False)
        return str(self._count)

    def take(self, number: str) -> Offer | None:
        """The offer of this id, which is forgotten; None if it was taken or is too old."""
        return self._offers.pop(number, None)

    def get(self, number: str) -> Offer | None:
        return self._offers.get(number)


def is_kept(taken: str, document: str | None) -> bool:
    """Whether a text that was taken still stands in the document, white space aside."""
    return document is not None and " ".join(taken.split()) in " ".join(document.split())
