"""A minimal editor: one open document, edits and requests for ghost text over a real connection."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from inkling import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """The server's answer to one request.

    Attributes:
        text: the suggestion; empty if there was none, or it came too late.
        ms: wall time from sending the edit to the answer.
        late: the answer didn't come before the next key; the request was cancelled.
    """

    text: str
    ms: float
    late: bool


class ReplayEditor:
    """An open document and a cursor in it."""

    def __init__(self, client: LanguageClient, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._uri = ""
        self._version = 0
        self._cursor = types.Position(0, 0)

    def open(self, path: Path, text: str, cursor: types.Position) -> None:
        self._uri, self._version, self._cursor = path.as_uri(), 1, cursor
        item = types.TextDocumentItem(self._uri, "", 1, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def close(self) -> None:
        document = types.TextDocumentIdentifier(self._uri)
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def changed_on_disk(self, paths: list[Path]) -> None:
        """Tell of files that were written without the editor."""
        events = [types.FileEvent(p.as_uri(), types.FileChangeType.Changed) for p in paths]
        self._client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    async def type(self, text: str) -> Answer:
        """Insert text at the cursor and ask what comes next."""
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
        done, _ = await asyncio.wait([request], timeout=self._patience)
        elapsed = (time.perf_counter() - started) * 1000
        if not done:  # the next edit ends it at the server
            return Answer("", elapsed, late=True)
        found = request.result()
        items = found.items if isinstance(found, types.InlineCompletionList) else []
        return Answer(str(items[0].insert_text) if items else "", elapsed, late=False)

    async def status(self) -> Any:
        return await self._client.protocol.send_request_async("inkling/status", None)

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


@asynccontextmanager
async def connect(
    folder: Path, options: dict[str, Any], patience: float
) -> AsyncIterator[ReplayEditor]:
    """Start the server as an editor would, and shut it down at the end.

    Args:
        folder: the workspace.
        options: `initializationOptions`.
        patience: seconds until the next key.
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
        yield ReplayEditor(client, patience)
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call]
