"""A completion server in the shape of our engine, so that the model thread can drive either."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.backend import Served
from lsp_server.engine.records import Source
from lsp_server.remote.client import Client, HttpStop
from lsp_server.remote.wire import Kind, answer, call, family, sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inkling.layout import FimContext
    from inkling.settings import Settings
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.memory.repository import RepositoryMemory

KEY_VARIABLE = "INKLING_SERVER_KEY"
_CHARACTERS_PER_TOKEN = 3


class RemoteEngine:
    """Answers requests by asking the server that the settings name.

    Attributes:
        vocabulary, memory: none; the tokens of a model elsewhere are unknown here.

    Raises:
        InklingError: the settings make no sense.
    """

    vocabulary: None = None
    memory: RepositoryMemory | None = None

    def __init__(self, settings: Settings) -> None:
        assert settings.server is not None
        try:
            self._kind = Kind(settings.server_kind)
        except ValueError as error:
            raise InklingError(
                f"The setting 'server_kind' is '{settings.server_kind}'.",
                f"Give it one of: {', '.join(Kind)}.",
            ) from error
        self._sentinels = family(settings.server_family) if settings.server_family else None
        self._client = Client(settings.server, os.environ.get(KEY_VARIABLE))
        self._name = settings.server_model
        self.served = Served(settings.server_model or settings.server, settings.server)

    def count_tokens(self, text: str) -> int:
        """A guess."""
        return len(text) // _CHARACTERS_PER_TOKEN + 1

    def seen(self, request: CompletionRequest) -> FimContext:
        """What of the request's context is sent."""
        return sent(request.context)

    @property
    def stop(self) -> HttpStop:
        return self._client.stop

    def complete(
        self, request: CompletionRequest, _progress: Callable[[bytes], None] | None = None
    ) -> Completion:
        """Answer one request; nothing is known of it before it is whole.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set.
            InklingError: the server can't be reached or makes no sense, or it wasn't to be asked.
        """
        if request.source is Source.MEMORY:
            raise InklingError(
                "The memory of the workspace doesn't answer while a server elsewhere is set.",
                "Choose another 'source', or remove 'server' from the settings.",
            )
        value, seconds = self._client.post(call(request, self._kind, self._name, self._sentinels))
        return answer(value, request, self._kind, seconds)

    def expect(self, request: CompletionRequest) -> None:
        """The server there is not asked for anything ahead of time."""

    def idle(self, *, paused: bool) -> bool:
        """There is nothing to do between requests."""
        return False

    def use_adapter(self, path: Path | None) -> None:
        """Raises `InklingError`: what runs elsewhere is set up there."""
        if path is not None:
            raise InklingError(
                "Adapters of a model on another server can't be switched from here.",
                "Load the adapter into that server.",
            )

    def keep_state(self, workspace: Path) -> None:
        """There is none here."""

    def close(self) -> None:
        """Nothing is held between requests."""
