"""Our corrections to pygls: documents are our own snapshots, and every request gets an answer.

pygls's own text documents miscount positions past the end of a line and split lines at form
feeds; a request whose parameters can't be read, or that comes too early or too late, would
otherwise stay without a response.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidRequest,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

from lsp_server.documents import Change, Document, DocumentStore

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


class InklingProtocol(LanguageServerProtocol):
    """pygls's protocol with `documents` instead of its workspace's.

    Attributes:
        on_edit: called with the URI of a document after it was opened, changed or closed.
        on_close: called with the last snapshot of a document that was closed.
    """

    def __init__(self, server: Any, converter: Any) -> None:
        self.documents = DocumentStore()
        self.on_edit: Callable[[str], None] = lambda _uri: None
        self.on_close: Callable[[Document], None] = lambda _document: None
        super().__init__(server, converter)

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        self.documents.open(item.uri, item.text, item.language_id, item.version)
        self.on_edit(item.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        item = params.text_document
        self.documents.change(item.uri, item.version, map(_change, params.content_changes))
        self.on_edit(item.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        closed = self.documents.close(params.text_document.uri)
        self.on_edit(params.text_document.uri)
        if closed is not None:
            self.on_close(closed)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Decode one message; a request that can't be decoded is answered with the error."""
        if "method" in data and "jsonrpc" in data:
            data.setdefault("params", None)
            logger.debug("received %.60s", data["method"])
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """Before `initialize` and after `shutdown`, requests are answered with the error."""
        refused: JsonRpcException | None = None
        if self._shutdown:
            refused = JsonRpcInvalidRequest("the server is shutting down")
        elif self._workspace is None and getattr(message, "method", None) != types.INITIALIZE:
            refused = JsonRpcServerNotInitialized("'initialize' has to come first")
        if refused is not None and hasattr(message, "method") and hasattr(message, "id"):
            self._send_response(message.id, None, refused.to_response_error())
        else:
            super().handle_message(message)


def _change(event: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(event, types.TextDocumentContentChangePartial):
        start, end = event.range.start, event.range.end
        return Change(event.text, (start.line, start.character), (end.line, end.character))
    return Change(event.text)


def plain(value: Any) -> Any:
    """Decoded JSON without the classes that pygls makes of objects."""
    if hasattr(value, "_asdict"):
        return {key: plain(item) for key, item in value._asdict().items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
