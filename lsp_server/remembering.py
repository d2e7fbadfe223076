"""Keeps the repository memory in step with the workspace: read at the start, then file by file.

Reading and encoding happen in threads, never on the event loop. Open documents count as they stand
in the editor, saved or not; they are read again whenever they gain or lose a line. One change is
taken in after the other, so that an older text never replaces a newer one. What looks like a secret
is blanked before it is learned, so that no suggestion carries it from one file into another.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from inkling.languages import detect_language
from inkling.secrets import HIDDEN, without_secrets
from inkling.working_tree import is_ignored, read_source, read_working_tree
from lsp_server.memory.repository import RepositoryMemory
from lsp_server.neighbourhood import may_be_read

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from pathlib import Path

    from lsp_server.backend import Backend
    from lsp_server.documents import Document
    from lsp_server.exclusions import Hides
    from lsp_server.workspace import Place

logger = logging.getLogger(__name__)


class Remembering:
    """The memory of the workspace for a backend that knows its vocabulary.

    Args:
        hides: whether nothing of a file may be read.
        learned: told whenever other answers may follow: with the URI of the open document that was
            read again, or None where it was a file on disk, or all of them.

    Attributes:
        memory: what is known so far.
        is_read: whether the workspace has been read, so that the engine asks the memory.
    """

    def __init__(
        self,
        engine: Backend,
        hides: Hides = lambda _path: False,
        learned: Callable[[str | None], None] = lambda _uri: None,
    ) -> None:
        assert engine.vocabulary is not None
        self._hides = hides
        self._learned = learned
        self._is_over = False
        self.memory = RepositoryMemory(engine.vocabulary)
        self._engine = engine
        self.is_read = False
        self._lines: dict[str, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    async def read(
        self,
        folders: Iterable[Path],
        opened: Callable[[], Iterable[Document]] = tuple,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Read the workspace's folders and let the engine use what they hold.

        Args:
            opened: gives the documents that are open when all files have been read.
            say: told now and then, from another thread, how many files were read.
        """
        files = _counted(_all_files(list(folders), self._hides), say)
        async with self._turn:
            await asyncio.to_thread(self.memory.load, files)
        if self._is_over:
            return
        self._lines.clear()
        for document in opened():
            self.edited(document)
        self._engine.memory = self.memory
        self.is_read = True
        self._learned(None)
        logger.info("the memory holds %d tokens of %d files", self.memory.tokens, self.memory.files)

    def close(self) -> None:
        """Another memory takes its place: what it still reads comes to nothing."""
        self._is_over = True

    def edited(self, document: Document) -> None:
        """An open document has changed."""
        lines = len(document.starts)
        if self._lines.get(document.uri) == lines or document.path is None:
            return
        self._lines[document.uri] = lines
        if may_be_read(document) and not self._hides(document.path):
            reading = asyncio.to_thread(self._update, document.path, document.text)
            self._start(reading, document.uri)

    def closed(self, document: Document) -> None:
        """An open document was closed: what is on disk counts again."""
        self._lines.pop(document.uri, None)
        if document.path is not None:
            self.changed_on_disk(document.path)

    def changed_on_disk(self, path: Path) -> None:
        """A file was written, made or removed by someone else."""
        self._start(self._read_again(path))

    @property
    def is_reading(self) -> bool:
        """Whether some change that was noted isn't known yet."""
        return bool(self._tasks)

    async def settle(self) -> None:
        """Wait until all that was noted is known."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _read_again(self, path: Path) -> None:
        text = None if self._hides(path) else await asyncio.to_thread(read_source, path)
        await asyncio.to_thread(self._update, path, text)

    def _update(self, path: Path, text: str | None) -> None:
        unknown = text is None or is_ignored(path)
        self.memory.update(str(path), None if unknown else _harmless(path, text or ""))

    def _start(self, work: Coroutine[None, None, None], uri: str | None = None) -> None:
        task = asyncio.get_running_loop().create_task(self._in_turn(work, uri))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, work: Coroutine[None, None, None], uri: str | None) -> None:
        async with self._turn:
            await work
        self._learned(uri)


def memory_of(place: Place, engine: Backend) -> RepositoryMemory | None:
    """The memory of the checkout that a file lies in, as it is on disk; None without a checkout."""
    if engine.vocabulary is None or place.root is None or not place.is_whole:
        return None
    memory = RepositoryMemory(engine.vocabulary)
    root = place.root
    memory.load(_all_files([root]))
    return memory


def _counted(
    files: Iterator[tuple[str, str]], say: Callable[[str], None]
) -> Iterator[tuple[str, str]]:
    for number, file in enumerate(files, 1):
        say(f"{number} files")
        yield file


def _all_files(
    folders: list[Path], hides: Hides = lambda _path: False
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for folder in folders:
        for name, text in read_working_tree(folder, hides):
            path = str(folder / name)
            if path not in seen:
                seen.add(path)
                yield path, _harmless(folder / name, text)


def _harmless(path: Path, text: str) -> str:
    """The text of a file with nothing where a secret seems to be, not even a mark to suggest."""
    language = detect_language(path)
    hidden = without_secrets(text, language.name if language else None)
    return hidden if HIDDEN in text else hidden.replace(HIDDEN, "")
