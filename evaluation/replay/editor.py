"""A minimal editor: one open document, edits and requests for ghost text over a real connection."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from evaluation.replay.typing_client import Answer
from inkling import __version__
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class ReplayEditor:
    """An open document and a cursor in it."""

    def __init__(self, client: LanguageClient) -> None:
        self._client = client
        self._uri = ""
        self._version = 0
        self._cursor = types.Position(0, 0)

    async def open(self, path: Path, before: str, after: str) -> None:
        self._uri, self._version = path.as_uri(), 1
        lines = before.split("\n")
        self._cursor = types.Position(len(lines) - 1, len(lines[-1]))
        item = types.TextDocumentItem(self._uri, "", 1, before + after)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self._until_read()

    async def close(self) -> None:
        document = types.TextDocumentIdentifier(self._uri)
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    async def changed_on_disk(self, paths: list[Path]) -> None:
        events = [types.FileEvent(p.as_uri(), types.FileChangeType.Changed) for p in paths]
        self._client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    async def type(self, text: str, patience: float) -> Answer:
        started = time.perf_counter()
        if text:
            self._insert(text)
        request = asyncio.ensure_future(
            self._client.text_document_inline_completion_async(
                types.InlineCompletionParams(
                    types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic),
                    types.TextDocumentIdentifier(self._uri),
                    self._cursor,
                )
            )
        )
        done, _ = await asyncio.wait([request], timeout=patience)
        elapsed = (time.perf_counter() - started) * 1000
        if not done:  # the next edit ends it at the server, and nobody minds how
            request.add_done_callback(lambda late: late.cancelled() or late.exception())
            return Answer("", elapsed, late=True, prompt_tokens=None)
        found = request.result()
        items = found.items if isinstance(found, types.InlineCompletionList) else []
        text = str(items[0].insert_text) if items else ""
        return Answer(text, elapsed, False, _prompt_tokens((await self.status()).last))

    async def status(self) -> Any:
        return await self._client.protocol.send_request_async("inkling/status", None)

    async def until_loaded(self, with_memory: bool) -> None:
        """Wait until the model is loaded and, if wanted, the workspace is read.

        Raises:
            InklingError: the model can't be loaded.
        """
        while True:
            status = await self.status()
            if status.state == "failed":
                raise InklingError(
                    f"The server has no model: {status.message}", "Name another model."
                )
            if status.state == "ready" and (status.memory or not with_memory):
                return
            await asyncio.sleep(0.05)

    async def _until_read(self) -> None:
        """Wait until the memory knows the document as it is, without the lines replaced in it."""
        while (memory := (await self.status()).memory) is not None and memory.reading:
            await asyncio.sleep(0.01)

    def _insert(self, text: str) -> None:
        self._version += 1
        change = types.TextDocumentContentChangePartial(
            types.Range(self._cursor, self._cursor), text
        )
        document = types.VersionedTextDocumentIdentifier(self._version, self._uri)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        *lines, last = text.split("\n")
        start = 0 if lines else self._cursor.character
        self._cursor = types.Position(self._cursor.line + len(lines), start + len(last))


def _prompt_tokens(last: Any) -> int | None:
    if last.typedAlong:
        return 0
    return None if last.figures is None else last.figures.promptTokens - last.figures.reusedTokens


@asynccontextmanager
async def connect(folder: Path, options: dict[str, Any]) -> AsyncIterator[ReplayEditor]:
    """Start the server as an editor would, and shut it down at the end.

    Args:
        folder: the workspace.
        options: `initializationOptions`.
    """
    client = LanguageClient("inkling-replay", __version__)
    await client.start_io(sys.executable, "-P", "-m", "lsp_server", "--log-level", "warning")
    capabilities = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind.Utf32]
        ),
        text_document=types.TextDocumentClientCapabilities(
            inline_completion=types.InlineCompletionClientCapabilities()
        ),
    )
    await client.initialize_async(
        types.InitializeParams(
            capabilities,
            root_uri=folder.as_uri(),
            workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
            initialization_options=options,
        )
    )
    client.initialized(types.InitializedParams())
    try:
        editor = ReplayEditor(client)
        await editor.until_loaded(with_memory=options.get("source") != "model")
        yield editor
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]
