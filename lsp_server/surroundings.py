"""Keeps what of other files is in the prompts, and changes it seldom: the KV cache hangs on it.

It is chosen at the first request in a document, when the cursor has gone far, when another file has
changed, and whenever the typing pauses; in a thread, never on the event loop. Between these moments
a document's prompts begin the same.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkling.layout import split_at_cursor
from inkling.snippets import choose_snippets
from lsp_server.neighbourhood import OpenFiles, gather, listed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inkling.layout import Snippet
    from lsp_server.documents import Document, DocumentStore
    from lsp_server.engine.records import CompletionRequest
    from lsp_server.exclusions import Hides
    from lsp_server.workspace import Place

logger = logging.getLogger(__name__)

FAR_LINES = 32
PAUSE_SECONDS = 2.0
PATIENCE_SECONDS = 0.3
_LISTING_SECONDS = 30.0
_MOST_EDITED = 3
_SEEN_CHARACTERS = 40_000


@dataclass(frozen=True)
class Spot:
    """Where a suggestion is wanted."""

    document: Document
    offset: int
    place: Place

    @property
    def line(self) -> int:
        return self.document.position(self.offset)[0]


@dataclass(frozen=True)
class _Choice:
    snippets: tuple[Snippet, ...]
    line: int
    others_changed: int


class Surroundings:
    """The parts of other files for each open document.

    Args:
        documents: of the editor.
        count_tokens: tokens of a text for the model that is served.
        budget: tokens for other files in a prompt.
        hides: whether nothing of a file may be read.
    """

    def __init__(
        self,
        documents: DocumentStore,
        count_tokens: Callable[[str], int],
        budget: int,
        hides: Hides = lambda _path: False,
    ) -> None:
        self.budget = budget
        self.hides = hides
        self._documents = documents
        self._count_tokens = count_tokens
        self._choices: dict[str, _Choice] = {}
        self._edited: dict[str, tuple[int, ...]] = {}
        self._changes: dict[str, int] = {}
        self._listings: dict[Path, tuple[float, list[str]]] = {}
        self._last: Spot | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._choosing: asyncio.Task[None] | None = None

    async def around(self, spot: Spot) -> tuple[Snippet, ...]:
        """What goes into a prompt for this spot. Waits a moment where a new choice is due."""
        if not self.budget or spot.place.root is None:
            return ()
        self._last = spot
        if self._is_due(spot):
            task = self._start(spot)
            await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        return self.kept(spot.document.uri)

    def kept(self, uri: str) -> tuple[Snippet, ...]:
        """What prompts of this document begin with now."""
        choice = self._choices.get(uri)
        return choice.snippets if choice is not None else ()

    def edited(self, document: Document) -> None:
        """An open document has a new text."""
        uri = document.uri
        self._changes[uri] = self._changes.get(uri, 0) + 1
        if document.edited_at is not None:
            line, _ = document.position(document.edited_at)
            self._edited.pop(uri, None)
            self._edited = dict(list({uri: (line,), **self._edited}.items())[:_MOST_EDITED])
        self._restart_pause()

    def closed(self, uri: str) -> None:
        """A document was closed: what is on disk counts again."""
        self._choices.pop(uri, None)
        self._edited.pop(uri, None)
        self._changes[""] = self._changes.get("", 0) + self._changes.pop(uri, 0)
        self.changed_on_disk()

    def changed_on_disk(self) -> None:
        """Some file was written, made or removed."""
        self._changes[""] = self._changes.get("", 0) + 1
        self._listings.clear()

    async def settle(self) -> None:
        """Wait for a choice in progress."""
        if self._choosing is not None:
            await self._choosing

    def close(self) -> None:
        if self._pause is not None:
            self._pause.cancel()

    def _others_changed(self, uri: str) -> int:
        return sum(self._changes.values()) - self._changes.get(uri, 0)

    def _is_due(self, spot: Spot) -> bool:
        choice = self._choices.get(spot.document.uri)
        if choice is None:
            return True
        return (
            choice.others_changed != self._others_changed(spot.document.uri)
            or abs(choice.line - spot.line) > FAR_LINES
        )

    def _restart_pause(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
        if self._last is not None:
            loop = asyncio.get_running_loop()
            self._pause = loop.call_later(PAUSE_SECONDS, self._paused)

    def _paused(self) -> None:
        """Nobody types: choose again for where the last request was."""
        last = self._last
        document = self._documents.get(last.document.uri) if last is not None else None
        if last is not None and document is not None and self.budget:
            offset = min(last.offset, len(document.text or ""))
            self._start(Spot(document, offset, last.place))

    def _start(self, spot: Spot) -> asyncio.Task[None]:
        if self._choosing is None or self._choosing.done():
            self._choosing = asyncio.get_running_loop().create_task(self._choose(spot))
        return self._choosing

    async def _choose(self, spot: Spot) -> None:
        others = self._others_changed(spot.document.uri)
        documents = [each for each in self._documents.all() if not self._is_hidden(each)]
        opened = OpenFiles(documents, dict(self._edited))
        try:
            snippets = await asyncio.to_thread(self._chosen, spot, opened)
        except Exception as error:
            # A prompt without other files is better than none.
            logger.warning("no parts of other files: %s", type(error).__name__)
            snippets = ()
        self._choices[spot.document.uri] = _Choice(snippets, spot.line, others)

    def _is_hidden(self, document: Document) -> bool:
        return document.path is not None and self.hides(document.path)

    def _chosen(self, spot: Spot, opened: OpenFiles) -> tuple[Snippet, ...]:
        root = spot.place.root
        assert root is not None
        at, paths = self._listings.get(root, (0.0, []))
        if time.monotonic() - at > _LISTING_SECONDS or not paths:
            paths = [path for path in listed(spot.place) if not self.hides(root / path)]
            self._listings[root] = (time.monotonic(), paths)
        neighbours = gather(spot.document, spot.place, paths, opened)
        text = spot.document.text or ""
        start = max(0, spot.offset - _SEEN_CHARACTERS)
        seen = text[start : spot.offset + _SEEN_CHARACTERS]
        context = split_at_cursor(seen, spot.offset - start)
        return choose_snippets(context, neighbours, self.budget, self._count_tokens)


def with_snippets(request: CompletionRequest, snippets: tuple[Snippet, ...]) -> CompletionRequest:
    """The request with parts of other files in its prompt."""
    return replace(request, context=replace(request.context, snippets=snippets))
