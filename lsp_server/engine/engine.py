"""The engine as one object: model, context and decoding, called from one thread at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inkling.errors import InklingError
from lsp_server.engine.advice import CONTEXT_CHARACTERS, Advice, advice_at
from lsp_server.engine.decoding import complete, no_progress
from lsp_server.engine.idling import Idling
from lsp_server.engine.model import Model
from lsp_server.engine.recalling import from_memory
from lsp_server.engine.records import Completion, CompletionRequest, EngineSettings, Source
from lsp_server.engine.session import Session
from lsp_server.engine.window import Window

if TYPE_CHECKING:
    from types import TracebackType

    from inkling.bundle import Bundle
    from lsp_server.engine.decoding import Progress
    from lsp_server.engine.native import StopFlag
    from lsp_server.memory.repository import RepositoryMemory

_MIN_PROMPT_TOKENS = 32


class Engine:
    """A loaded model that answers requests. Use it as a context manager, or call `close`.

    Attributes:
        memory: of the working tree, once it has one; what it holds may change at any time.

    Raises:
        InklingError: the model can't be loaded or run.
    """

    def __init__(
        self,
        bundle: Bundle,
        settings: EngineSettings | None = None,
        stop: StopFlag | None = None,
    ) -> None:
        self.memory: RepositoryMemory | None = None
        settings = settings or EngineSettings()
        self.model = Model(bundle, settings.gpu_layers)
        try:
            self.session = Session(self.model, settings, stop)
        except BaseException:
            self.model.close()
            raise
        self.window = Window(self.model.vocabulary, holding=settings.hold_anchor)
        self._idling = Idling(self.session, self.window)

    @property
    def stop(self) -> StopFlag:
        """Set it from any thread to end a running `complete` with `Cancelled`; clear it after."""
        return self.session.stop

    def complete(self, request: CompletionRequest, progress: Progress = no_progress) -> Completion:
        """Answer one request.

        Args:
            progress: told the answer's bytes whenever they have grown.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set.
            InklingError: `max_new_tokens` leaves no room for a prompt.
        """
        budget = self._budget(request)
        advice = self._advice(request)
        known = from_memory(advice, self.model.vocabulary, request)
        if known is not None:
            self.window.note(request.context, budget)
            return known
        prompt = self.window.prompt(request.context, budget)
        return complete(self.session, self.model.vocabulary, prompt, request, advice, progress)

    def idle(self, *, paused: bool) -> bool:
        """Do a little of what the next request would otherwise wait for; whether there is more.

        Args:
            paused: nobody has asked for a while.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set; nothing finished is lost.
        """
        return self._idling.step(paused=paused)

    def forget(self) -> None:
        """Let the next answer depend on nothing that was asked before."""
        self.session.clear()
        self.window.forget()

    def _budget(self, request: CompletionRequest) -> int:
        """Tokens that a prompt may have."""
        budget = self.session.context_size - request.max_new_tokens
        if budget < _MIN_PROMPT_TOKENS:
            raise InklingError(
                f"A context of {self.session.context_size} tokens has no room for "
                f"{request.max_new_tokens} new ones.",
                "Ask for fewer new tokens.",
            )
        return budget

    def _advice(self, request: CompletionRequest) -> Advice | None:
        if self.memory is None or request.source is Source.MODEL:
            return None
        context = request.context
        before = context.prefix[-CONTEXT_CHARACTERS:] + context.typed
        return advice_at(self.memory, self.model.vocabulary, before, context.suffix)

    def close(self) -> None:
        self.session.close()
        self.model.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
