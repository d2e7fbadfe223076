"""What the server needs of whoever answers: our own engine, or a server elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from inkling.bundle import Bundle
    from inkling.layout import FimContext
    from lsp_server.engine.records import Completion, CompletionRequest
    from lsp_server.engine.vocabulary import Vocabulary
    from lsp_server.memory.repository import RepositoryMemory


@dataclass(frozen=True)
class Served:
    """What is known of the model that answers.

    Attributes:
        path: of its file, or the address of its server.
        context_tokens: size of its context; 0 if unknown.
        languages: names of `inkling.languages` that it was trained on; empty for any.
        takes_files: whether its prompts have a place for other files.
        bundle: on this machine's disk; None for a model elsewhere.
        adapter: the LoRA adapter in use, if any.
    """

    name: str
    path: str
    context_tokens: int = 0
    languages: tuple[str, ...] = ()
    takes_files: bool = True
    bundle: Bundle | None = None
    adapter: Path | None = None

    def serves(self, language: str | None) -> bool:
        """Whether to ask this model about a language at all."""
        return not self.languages or language in self.languages


class Stop(Protocol):
    """A flag that ends a running `complete` with `Cancelled`; any thread may set it."""

    def set(self) -> None: ...

    def clear(self) -> None: ...

    def is_set(self) -> bool: ...


class Backend(Protocol):
    """Answers requests, one at a time, on one thread.

    Attributes:
        memory: of the working tree, for a backend that can use one.
    """

    memory: RepositoryMemory | None

    @property
    def served(self) -> Served: ...

    @property
    def stop(self) -> Stop: ...

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The model's tokens; None if they are unknown here."""

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, or an estimate."""

    def seen(self, request: CompletionRequest) -> FimContext:
        """As much of the request's context as reaches the model."""

    def complete(
        self, request: CompletionRequest, progress: Callable[[bytes], None] = ..., /
    ) -> Completion:
        """Answer one request; raises `Cancelled` after `stop.set()`, or `InklingError`.

        `progress` is told the answer's bytes whenever they have grown.
        """

    def expect(self, request: CompletionRequest) -> None:
        """Such a request may come soon: what it needs may be read in `idle`."""

    def idle(self, *, paused: bool) -> bool:
        """Do a little that nobody waits for; whether there is more to do."""

    def use_adapter(self, path: Path | None) -> None:
        """Run the model with a LoRA adapter, or with none; `InklingError` if that can't be."""

    def keep_state(self, workspace: Path) -> None:
        """Go on with what was read of a workspace before, and keep what is read when closed."""

    def close(self) -> None: ...
