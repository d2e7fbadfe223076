"""The engine as one object: model, context and decoding, called from one thread at a time."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.layout import Sentinel
from lsp_server.backend import Served
from lsp_server.engine.adapter import Adapter
from lsp_server.engine.advice import CONTEXT_CHARACTERS, Advice, advice_at
from lsp_server.engine.decoding import complete, distinct, no_progress
from lsp_server.engine.idling import Idling
from lsp_server.engine.prompt import window_at
from lsp_server.engine.recalling import from_memory
from lsp_server.engine.records import (
    Alternative,
    Completion,
    CompletionRequest,
    EngineSettings,
    Source,
)
from lsp_server.engine.session import Session
from lsp_server.engine.shared_models import SharedModels
from lsp_server.engine.state import KeptState, load_state, save_state, state_of
from lsp_server.engine.window import Window

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from inkling.bundle import Bundle
    from inkling.layout import FimContext
    from lsp_server.engine.decoding import Progress
    from lsp_server.engine.native import StopFlag
    from lsp_server.engine.vocabulary import Vocabulary
    from lsp_server.memory.repository import RepositoryMemory

logger = logging.getLogger(__name__)

_MIN_PROMPT_TOKENS = 32


class Engine:
    """A loaded model that answers requests. Use it as a context manager, or call `close`.

    Args:
        models: those of this process, where other engines may run the same one.

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
        models: SharedModels | None = None,
    ) -> None:
        self.memory: RepositoryMemory | None = None
        settings = settings or EngineSettings()
        self._models = models or SharedModels()
        self.model = self._models.take(bundle, settings.gpu_layers)
        try:
            self.session = Session(self.model, settings, stop)
        except BaseException:
            self._models.give_back(self.model)
            raise
        self.window = Window(self.model.vocabulary, holding=settings.hold_anchor)
        self._idling = Idling(self.session, self.window)
        self._adapter: Adapter | None = None
        self._workspace: Path | None = None
        self._languages = bundle.languages

    @property
    def served(self) -> Served:
        bundle = self.model.bundle
        path = str(bundle.model_path)
        takes_files = Sentinel.FILE in self.model.vocabulary.sentinel_ids
        size = self.session.context_size
        adapter = self.adapter_path
        return Served(bundle.name, path, size, self._languages, takes_files, bundle, adapter)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.model.vocabulary

    def count_tokens(self, text: str) -> int:
        return len(self.model.vocabulary.encode(text))

    def seen(self, request: CompletionRequest) -> FimContext:
        """As much of the request's context as the prompt has room for."""
        budget = self.session.context_size - request.max_new_tokens
        context = request.context
        if not self.served.takes_files:
            context = replace(context, path=None, snippets=())
        return window_at(context, self.model.vocabulary, budget)

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
        alone = request.source is Source.MEMORY or not request.alternatives
        if known is not None and alone:
            self.window.note(request.context, budget)
            return known
        prompt = self.window.prompt(request.context, budget)
        vocabulary = self.model.vocabulary
        answer = complete(self.session, vocabulary, prompt, request, advice, progress)
        return answer if known is None else _with_others(known, answer)

    def expect(self, request: CompletionRequest) -> None:
        """Such a request may come soon: its prompt is what is read in `idle`.

        Raises:
            InklingError: `max_new_tokens` leaves no room for a prompt.
        """
        self.window.note(request.context, self._budget(request))

    def idle(self, *, paused: bool) -> bool:
        """Do a little of what the next request would otherwise wait for; whether there is more.

        Args:
            paused: nobody has asked for a while.

        Raises:
            lsp_server.engine.records.Cancelled: `stop` was set; nothing finished is lost.
        """
        return self._idling.step(paused=paused)

    def use_adapter(self, path: Path | None) -> None:
        """Run the model with a LoRA adapter from now on; None: without one.

        Args:
            path: of a GGUF file, or of a folder with `adapter.gguf`.

        Raises:
            InklingError: it can't be loaded or is for another model; all stays as it was.
        """
        adapter = Adapter(self.model, path) if path is not None else None
        try:
            self.session.apply(adapter)
        except BaseException:
            if adapter is not None:
                adapter.close()
            raise
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = adapter
        self.window.forget()

    @property
    def adapter_path(self) -> Path | None:
        """The adapter that is in use."""
        return self._adapter.path if self._adapter is not None else None

    def keep_state(self, workspace: Path) -> None:
        """Go on with what was read of a workspace before, and keep what is read when closed."""
        self._workspace = workspace
        kept = self._kept_state(workspace)
        if kept is not None and load_state(self.session, kept):
            logger.info("%d tokens were read before", len(self.session.tokens))

    def _kept_state(self, workspace: Path) -> KeptState | None:
        bundle, size = self.model.bundle, self.session.context_size
        try:
            return state_of(workspace, bundle, size, self.adapter_path)
        except OSError as error:  # the model's file is gone
            logger.debug("the workspace's state has no place: %s", error)
            return None

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
        if self._workspace is not None and (kept := self._kept_state(self._workspace)) is not None:
            save_state(self.session, kept)
        self._workspace = None
        self.session.close()
        if self._adapter is not None:
            self._adapter.close()
            self._adapter = None
        self._models.give_back(self.model)

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _with_others(known: Completion, answer: Completion) -> Completion:
    """What the memory knows, and what the model says as alternatives."""
    own = Alternative(answer.text, answer.tokens, answer.logprobs, answer.finish_reason)
    others = distinct(known.text, (own, *answer.alternatives))
    return replace(known, alternatives=others[: len(answer.alternatives) or 1])
