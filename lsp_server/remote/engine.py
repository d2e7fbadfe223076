"""A completion server in the shape of our engine, so that the model thread can drive either."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.remote.client import Client, HttpStop
from lsp_server.remote.wire import Kind, answer, call, family

if TYPE_CHECKING:
    from collections.abc import Callable

    from inkling.settings import Settings
    from lsp_server.engine.records import Completion, CompletionRequest

KEY_VARIABLE = "INKLING_SERVER_KEY"


@dataclass(frozen=True)
class RemoteBundle:
    """What is known of a model elsewhere: its address for a name."""

    name: str
    model_path: Path = Path()
    manifest: None = None

    def serves(self, _language: str | None) -> bool:
        return True


@dataclass(frozen=True)
class RemoteModel:
    bundle: RemoteBundle


@dataclass(frozen=True)
class RemoteSession:
    context_size: int = 0


class RemoteEngine:
    """Answers requests by asking the server that the settings name.

    Raises:
        InklingError: the settings make no sense.
    """

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
        self.model = RemoteModel(RemoteBundle(settings.server_model or settings.server))
        self.session = RemoteSession()

    @property
    def stop(self) -> HttpStop:
        return self._client.stop

    def complete(
        self, request: CompletionRequest, _progress: Callable[[bytes], None] | None = None
    ) -> Completion:
        """Answer one request; nothing is known of it before it is whole.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set.
            InklingError: the server can't be reached or makes no sense.
        """
        value, seconds = self._client.post(call(request, self._kind, self._name, self._sentinels))
        return answer(value, request, self._kind, seconds)

    def idle(self, *, paused: bool) -> bool:
        """There is nothing to do between requests."""
        return False

    def close(self) -> None:
        """Nothing is held between requests."""
