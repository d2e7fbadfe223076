"""A language client that starts the server as an editor would: `inkling lsp`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

INKLING = Path(sys.executable).with_name("inkling")


@dataclass
class Editor:
    """A connected client and the documents that it has open."""

    client: LanguageClient
    started: types.InitializeResult
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def process_id(self) -> int:
        """Of the server."""
        process = self.client._server
        assert process is not None
        return int(process.pid)

    async def kill(self) -> None:
        """End the server without a word, as a crash would."""
        process = self.client._server
        assert process is not None
        process.kill()
        await process.wait()

    def open(self, text: str, path: str | Path = "/nowhere/a.py", language: str = "python") -> str:
        uri = path if isinstance(path, str) and ":" in path else Path(path).as_uri()
        self.versions[uri] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text))
        )
        return uri

    def edit(self, uri: str, text: str, start: Sequence[int], end: Sequence[int]) -> None:
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [
                    types.TextDocumentContentChangePartial(
                        types.Range(types.Position(*start), types.Position(*end)), text
                    )
                ],
            )
        )

    def inline_parameters(self, uri: str, line: int, character: int) -> Any:
        return types.InlineCompletionParams(
            types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked),
            types.TextDocumentIdentifier(uri),
            types.Position(line, character),
        )

    async def inline(
        self, uri: str, line: int, character: int
    ) -> types.InlineCompletionItem | None:
        found = await self.client.text_document_inline_completion_async(
            self.inline_parameters(uri, line, character)
        )
        return found.items[0] if isinstance(found, types.InlineCompletionList) else None

    async def menu(self, uri: str, line: int, character: int) -> types.CompletionItem | None:
        found = await self.client.text_document_completion_async(
            types.CompletionParams(
                types.TextDocumentIdentifier(uri), types.Position(line, character)
            )
        )
        return found.items[0] if isinstance(found, types.CompletionList) else None

    async def status(self) -> Any:
        return await self.client.protocol.send_request_async("inkling/status", None)

    async def loaded(self) -> Any:
        """The status as soon as the model is loaded or has failed to."""
        while (status := await self.status()).state == "loading":
            await asyncio.sleep(0.02)
        return status

    async def settled(self) -> Any:
        """The status as soon as the memory knows the workspace and what is open, too.

        What it learns meanwhile takes back what was suggested before.
        """
        await self.loaded()
        while (memory := (status := await self.status()).memory) is None or memory.reading:
            await asyncio.sleep(0.02)
        return status


def _showing_all(options: Any) -> Any:
    """Options with which the tiny model, which is sure of nothing, shows all that it has to say."""
    if options is None or isinstance(options, dict):
        return {"minProbability": 0, **(options or {})}
    return options


@asynccontextmanager
async def editor(
    *arguments: str,
    command: Sequence[str] = (str(INKLING), "lsp"),
    client: str = "visual-studio-code",
    encodings: Sequence[types.PositionEncodingKind] | None = None,
    inline: bool = True,
    options: Any = None,
    folder: Path | None = None,
    tcp: tuple[str, int] | None = None,
) -> AsyncIterator[Editor]:
    """Connect, shake hands, and at the end close as the protocol says."""
    connection = make_test_lsp_client()
    if tcp is not None:
        await connection.start_tcp(*tcp)
    else:
        where = str(folder) if folder is not None else None
        await connection.start_io(*command, *arguments, cwd=where)
    capabilities = client_capabilities(client)
    assert capabilities.text_document is not None
    assert capabilities.general is not None
    capabilities.general.position_encodings = encodings
    if inline:
        capabilities.text_document.inline_completion = types.InlineCompletionClientCapabilities()
    started = await connection.initialize_session(
        types.InitializeParams(
            capabilities,
            root_uri=folder.as_uri() if folder is not None else None,
            initialization_options=_showing_all(options),
        )
    )
    try:
        yield Editor(connection, started)
    finally:
        server = connection._server
        if server is None or server.returncode is None:
            await connection.shutdown_session()
        await connection.stop()
