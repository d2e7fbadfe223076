"""One token after the other, or several at once where a draft says what will come.

A draft never changes the answer: each of its tokens counts only if the decision, taken from the
same logits as without a draft, falls on it (speculative decoding with exact matching). The cache
then holds the answer's tokens and nothing else. Kernels for one token and for several round
differently, so answers are equal to those of a reference that evaluates two or more at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from lsp_server.engine.session import Session

    Step = Callable[[Mapping[int, Sequence[int]]], dict[int, list[NDArray[np.float32]]]]


class Lookahead:
    """Feeds a session, and keeps the logits that a draft has brought ahead of time.

    Args:
        step: evaluates tokens, the session's own by default.

    Attributes:
        evaluations: calls of the model so far.
        drafted: tokens that were evaluated as a draft.
        accepted: drafted tokens that the answer took.
    """

    def __init__(self, session: Session, step: Step | None = None) -> None:
        self._session = session
        self._step = step or session.step
        self._ahead: list[tuple[int, NDArray[np.float32]]] = []
        self.evaluations = 0
        self.drafted = 0
        self.accepted = 0

    def push(self, token: int, draft: Sequence[int] = ()) -> NDArray[np.float32]:
        """Add `token` to the context; logits after it, shape (vocabulary,).

        Args:
            draft: what may come after `token`; used only if `token` itself wasn't drafted.

        Raises:
            lsp_server.engine.records.Cancelled: the session was told to stop.
        """
        if self._ahead and self._ahead[0][0] == token:
            self.accepted += 1
            return self._ahead.pop(0)[1]
        self.drop()
        active = self._session.active
        rows = self._step({active: [token, *draft]})[active]
        self.evaluations += 1
        self.drafted += len(draft)
        self._ahead = list(zip(draft, rows[1:], strict=True))
        return rows[0]

    def drop(self) -> None:
        """Take what is left of the draft out of the cache again."""
        if self._ahead:
            self._session.hold(self._session.tokens[: -len(self._ahead)])
            self._ahead.clear()
