"""The language server: its state, and which handler serves which method.

The work is done elsewhere: `methods/` translate, `suggest` decides, `engine` computes.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from inkling import __version__
from lsp_server.exclusions import is_hidden
from lsp_server.features import Feature
from lsp_server.methods import (
    commands,
    completion,
    configuration,
    explaining,
    inline_completion,
    lifecycle,
    references,
    status,
    warming,
)
from lsp_server.offers import Offers
from lsp_server.options import ClientOptions
from lsp_server.protocol import InklingProtocol
from lsp_server.provenance.checker import SourceChecker
from lsp_server.provenance.marks import Marks
from lsp_server.provenance.once import policy_of
from lsp_server.provenance.own_code import OwnCode
from lsp_server.rules.rhythm import Rhythm
from lsp_server.shown import ShownSuggestions
from lsp_server.suggest import Policy, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inkling.settings import Settings
    from lsp_server.backend import Backend, Served
    from lsp_server.documents import Document, DocumentStore
    from lsp_server.engine.records import Completion
    from lsp_server.engine.shared_models import SharedModels
    from lsp_server.engine.worker import Worker
    from lsp_server.exclusions import Hides
    from lsp_server.model_stamp import ModelStamp
    from lsp_server.provenance.checker import Judgement
    from lsp_server.provenance.policy import SourcePolicy
    from lsp_server.remembering import Remembering
    from lsp_server.rules.polish import Step
    from lsp_server.rules.reasons import Reason
    from lsp_server.rules.syntax import Syntax
    from lsp_server.running import Running
    from lsp_server.sightings import Sighting
    from lsp_server.surroundings import Surroundings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of the last request.

    Attributes:
        code: why nothing was shown, and `reason` the sentence for it; None if something was.
        completion: the model's answer, if it was asked.
        steps: the rules that shortened it.
        typed_along: the text typed since agrees with the suggestion before.
        joined: the answer is that of an earlier request, with which the text typed since agrees.
        judgement: what the check of its sources says.
    """

    code: Reason | None = None
    reason: str | None = None
    completion: Completion | None = None
    steps: tuple[Step, ...] = ()
    typed_along: bool = False
    joined: bool = False
    judgement: Judgement | None = None


class InklingServer(LanguageServer):
    """One editor's server.

    Attributes:
        settings: the user's defaults with the command line's changes.
        model_flag: `--model`, which goes before the editor's choice.
        models: what this process has loaded, if it serves several editors.
        options: what the editor has set.
        worker: the model thread, once `initialized` has come.
        loaded_stamp: of the model that it was told to load.
        stopped: whether the editor has gone.
        running: the newest request and the place that it is for.
        shown: the suggestions that may still fit.
        sighting: of the suggestion that can be seen now, if there is one.
        remembering: the memory of the workspace, once the model is loaded.
        surroundings: what of other files goes into the prompts, once the model is loaded.
        last: what became of the last request.
        rhythm: of typing and of answers, which decides how long to wait after a key.
        enabled: whether anything is suggested.
        chosen_model: what the command `inkling.switchModel` named; it goes before all else.
        offers: suggestions that the editor may yet report as taken.
        sources: the index of the training data, asked before each display.
        own_code: the workspace's files, which are no accusation.
        marks: spans of open documents that have a source.
        is_asked_by_itself: whether the editor asks at every key, and not only when its user does.
        warming: of what is read ahead when typing pauses.
        kept_seconds: how long after it was taken a suggestion is judged as kept.
        told: why requests fail, as the editor was last told; None once one succeeded.
    """

    protocol: InklingProtocol

    def __init__(
        self,
        settings: Settings,
        model_flag: str | None = None,
        models: SharedModels | None = None,
    ) -> None:
        super().__init__("inkling", __version__, protocol_cls=InklingProtocol)
        self.settings = settings
        self.model_flag = model_flag
        self.models = models
        self.options = ClientOptions()
        self.worker: Worker | None = None
        self.loaded_stamp: ModelStamp | None = None
        self.stopped = False
        self.running: Running | None = None
        self.last = Outcome()
        self.background: set[asyncio.Task[None]] = set()
        self.rhythm = Rhythm()
        self.enabled = True
        self.chosen_model: str | None = None
        self.offers = Offers()
        self.kept_seconds = commands.KEPT_SECONDS
        self.told: str | None = None
        self.notified: dict[str, Any] | None = None
        self._syntax: tuple[str, Syntax | None] | None = None
        self.shown = ShownSuggestions()
        self.sighting: Sighting | None = None
        self.remembering: Remembering | None = None
        self.surroundings: Surroundings | None = None
        self.sources = SourceChecker()
        self.own_code = OwnCode()
        self.marks = Marks()
        self.is_asked_by_itself = False
        self.warming: asyncio.TimerHandle | None = None
        self.protocol.on_edit = self._edited
        self.protocol.on_close = self._closed

    @property
    def documents(self) -> DocumentStore:
        return self.protocol.documents

    @property
    def folders(self) -> list[Path]:
        return lifecycle.workspace_folders(self)

    @property
    def hides(self) -> Hides:
        """Says of a path whether the user hides it, as the options and folders are now."""
        return partial(is_hidden, exclusions=self.options.exclude, folders=self.folders)

    @property
    def policy(self) -> Policy:
        """What the user wants: the editor's options over the settings."""
        return Policy(
            self.options.max_new_tokens or self.settings.max_new_tokens,
            self.options.max_lines,
            self.options.languages,
            self.options.min_probability,
            self.options.source,
            self.options.least_confidence,
            Feature.RULES not in self.options.without,
        )

    @property
    def source_policy(self) -> SourcePolicy:
        """What becomes of suggestions that have a source: the editor's option over the settings."""
        if self.options.attribution_policy is not None:
            return self.options.attribution_policy
        return policy_of(self.settings)

    @property
    def effective_settings(self) -> Settings:
        """The settings with the model that a command, the flag, the editor or the settings name.

        The flag goes before a server elsewhere, too."""
        named = (self.chosen_model, self.model_flag, self.options.model, self.settings.model)
        elsewhere = self.settings.server if self.model_flag is None else None
        return replace(self.settings, model=next(filter(None, named), None), server=elsewhere)

    @property
    def served(self) -> Served | None:
        """What the loaded model is; None while there is none."""
        engine = self.worker.loaded if self.worker is not None else None
        return engine.served if engine is not None else None

    async def engine(self, patience: float) -> Backend | None:
        """The loaded engine; None if it isn't ready within `patience` seconds, or failed."""
        if self.worker is None:
            return None
        try:
            # Not wait_for, which before Python 3.12 loses a cancellation that comes at the end.
            async with asyncio.timeout(patience):
                return await asyncio.wrap_future(self.worker.ready)
        except Exception:  # too slow, or failed: `initialized` has reported that
            return None

    def _edited(self, uri: str) -> None:
        self._cancel_unless_agreeing(uri)
        self.rhythm = self.rhythm.after_key(time.monotonic())
        self.shown.keep_only(uri)
        document = self.documents.get(uri)
        if document is None:
            return
        if self.sighting is not None and self.sighting.is_gone_from(document):
            self.sighting = None
        warming.edited(self, document)
        references.followed(self, document)
        if self.remembering is not None:
            self.remembering.edited(document)
        if self.surroundings is not None:
            self.surroundings.edited(document)

    def _closed(self, document: Document) -> None:
        self.shown.keep_only(None)
        if self.sighting is not None and self.sighting.uri == document.uri:
            self.sighting = None
        references.forget(self, document)
        if self.remembering is not None:
            self.remembering.closed(document)
        if self.surroundings is not None:
            self.surroundings.closed(document.uri)

    def cancel_running(self, uri: str | None = None) -> None:
        """Cancel the request in progress (if `uri` is given: only one for that document)."""
        if self.running is not None and uri in (None, self.running.document.uri):
            self.running.ticket.cancel()
            self.running = None

    def _cancel_unless_agreeing(self, uri: str) -> None:
        """Cancel the request for a document that was edited, unless its answer goes on as typed."""
        document, running = self.documents.get(uri), self.running
        agrees = document is not None and running is not None and running.agrees_with(document)
        if not agrees or Feature.JOINING in self.options.without:
            self.cancel_running(uri)

    def parsed(self, document: Document, offset: int) -> Syntax | None:
        """The syntax around `offset`, from that of the last request if it was the same document."""
        last = self._syntax
        previous = last[1] if last is not None and last[0] == document.uri else None
        syntax = parse(document, offset, previous)
        self._syntax = (document.uri, syntax)
        return syntax

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what went wrong; a popup in the editor for each bad message would help nobody."""
        logger.warning("%s: %s", source.__name__, type(error).__name__)

    def stop(self) -> None:
        """End the threads of the model and of the index."""
        self.stopped = True
        self.sources.close()
        if self.worker is not None:
            self.worker.close()


def build_server(
    settings: Settings, model_flag: str | None = None, models: SharedModels | None = None
) -> InklingServer:
    """A server with all its methods, ready to be connected."""
    server = InklingServer(settings, model_flag, models)
    handlers: dict[str, tuple[Callable[..., Any], Any]] = {
        types.INITIALIZE: (lifecycle.initialize, None),
        types.INITIALIZED: (lifecycle.initialized, None),
        types.SHUTDOWN: (lifecycle.shutdown, None),
        types.TEXT_DOCUMENT_INLINE_COMPLETION: (
            inline_completion.inline_completion,
            types.InlineCompletionOptions(),
        ),
        types.TEXT_DOCUMENT_COMPLETION: (completion.completion, completion.OPTIONS),
        types.TEXT_DOCUMENT_HOVER: (references.hover, None),
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (lifecycle.watched_files_changed, None),
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (lifecycle.folders_changed, None),
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: (configuration.did_change_configuration, None),
        status.METHOD: (status.status, None),
        explaining.METHOD: (explaining.explain_at, None),
    }
    for method, (handler, options) in handlers.items():
        server.feature(method, options)(partial(handler, server))
    for name, command in commands.COMMANDS.items():
        server.command(name)(_with_any_arguments(server, command))
    return server


def _with_any_arguments(server: InklingServer, command: Callable[..., Any]) -> Callable[..., Any]:
    """A command's function as pygls wants it: the arguments as they came, however many."""

    def run(*arguments: Any) -> Any:
        return command(server, *arguments)

    async def run_later(*arguments: Any) -> Any:
        return await command(server, *arguments)

    return run_later if inspect.iscoroutinefunction(command) else run
