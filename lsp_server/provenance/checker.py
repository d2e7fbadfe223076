"""The index of a running server: opened once, asked before every display, off the event loop.

One thread opens the index and answers. An answer that takes longer than its budget is not waited
for: the suggestion then counts as not checked, which is not clean, but whether it repeats removed
code is known even then. The late answer still comes, for what is typed along or accepted, unless
the next suggestion ends it; what was accepted is then looked up once more.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from attribution.query import STOPPED
from inkling.errors import InklingError
from lsp_server.provenance.gate import Verdict, judge, judge_late, unchecked
from lsp_server.provenance.once import NO_INDEX

if TYPE_CHECKING:
    from pathlib import Path

    from attribution.findings import Own, Stop
    from attribution.handle import IndexHandle
    from attribution.index import Index
    from lsp_server.provenance.policy import SourcePolicy

logger = logging.getLogger(__name__)

_LATE = "The check took longer than {:.0f} ms."
_OPENING = "The index of the training data is still being opened."
_FAILED = "The check failed."
_REMEMBERED = 64
_PATIENCE = 2.0
"""Seconds after which a check that nobody waits for ends by itself."""


@dataclass(frozen=True)
class Asked:
    """A suggestion to judge: `text` for the offset `len(before)` of the document `uri`."""

    uri: str
    before: str
    text: str
    language: str | None


@dataclass(frozen=True)
class Judgement:
    """What was decided in time, and the whole answer when it comes.

    Attributes:
        ms: how long the suggestion waited.
        answer: the verdict of the check itself; it may be cancelled by a later check.
    """

    asked: Asked
    verdict: Verdict
    ms: float = 0.0
    answer: Future[Verdict] | None = None


class SourceChecker:
    """Judges suggestions by the index in one folder.

    Attributes:
        folder: of the index; None while none is named.
        corpus: manifest hash of the corpus that the model was trained on, if known.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.corpus: str | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="inkling-sources")
        self._opened: Future[IndexHandle] | None = None
        self._last: Future[Verdict] | None = None
        self._superseded = threading.Event()
        self._made: deque[Judgement] = deque(maxlen=_REMEMBERED)

    def open(self, folder: Path | None, corpus: str | None) -> Future[IndexHandle] | None:
        """Open the index in `folder`, in the background; None closes it."""
        if folder != self.folder or self._opened is None:
            self.folder = folder
            self._opened = self._pool.submit(_open, folder) if folder is not None else None
        self.corpus = corpus
        return self._opened

    @property
    def failure(self) -> str | None:
        """Why the index couldn't be opened, and what helps."""
        error = self._error
        return str(error) if error is not None else None

    @property
    def cause(self) -> str | None:
        """Why the index couldn't be opened, in one sentence."""
        error = self._error
        return error.cause if isinstance(error, InklingError) else self.failure

    @property
    def _error(self) -> BaseException | None:
        if self._opened is None or not self._opened.done():
            return None
        return self._opened.exception()

    @property
    def is_opening(self) -> bool:
        return self._opened is not None and not self._opened.done()

    def index(self) -> Index | None:
        """The index as it is now, if it is open."""
        if self._opened is None or not self._opened.done() or self._opened.exception():
            return None
        return self._opened.result().current()

    @property
    def _seen(self) -> Index | None:
        """The index as it was last looked at, if it is open; never waits."""
        if self._opened is None or not self._opened.done() or self._opened.exception():
            return None
        return self._opened.result().opened

    async def judge(
        self, asked: Asked, policy: SourcePolicy, own: Own, budget_ms: float
    ) -> Judgement:
        """Look a suggestion up within the budget; never raises."""
        if self._opened is None:
            return Judgement(asked, unchecked(NO_INDEX, policy))
        if self._last is not None:
            self._last.cancel()  # of use only while its suggestion may be accepted
        self._superseded.set()
        self._superseded = superseded = threading.Event()
        started = time.perf_counter()
        limit = started + _PATIENCE

        def stop() -> bool:
            return superseded.is_set() or time.perf_counter() > limit

        self._last = answer = self._pool.submit(
            _ask, self._opened, asked, policy, own, self.corpus, stop
        )
        await asyncio.wait({asyncio.wrap_future(answer)}, timeout=budget_ms / 1000)
        spent = (time.perf_counter() - started) * 1000
        if answer.done() and not answer.cancelled():
            made = Judgement(asked, answer.result(), spent, answer)
        else:
            why = _OPENING if self.is_opening else _LATE.format(budget_ms)
            late = judge_late(self._seen, asked.before, asked.text, policy, why)
            made = Judgement(asked, late, spent, answer)
        self._made.appendleft(made)
        return made

    def recall(self, uri: str, offset: int, rest: str) -> Judgement | None:
        """What is known by now of a suggestion whose rest stands at `offset`."""
        for made in self._made:
            asked = made.asked
            begin = len(asked.before) + len(asked.text) - len(rest)
            if asked.uri == uri and begin == offset and asked.text.endswith(rest):
                return replace(made, verdict=_whole(made.answer) or made.verdict)
        return None

    async def answer(self, judgement: Judgement, policy: SourcePolicy, own: Own) -> Verdict | None:
        """The verdict of the check itself, however late; None if there was no index to ask.

        A check that was ended for the next suggestion is made again, beside the others.
        """
        if judgement.answer is None or self._opened is None:
            return None
        await asyncio.wait({asyncio.wrap_future(judgement.answer)})
        limit = time.perf_counter() + _PATIENCE
        return _whole(judgement.answer) or await asyncio.to_thread(
            _ask,
            self._opened,
            judgement.asked,
            policy,
            own,
            self.corpus,
            lambda: time.perf_counter() > limit,
        )

    def close(self) -> None:
        """End the thread, without waiting for it."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _whole(answer: Future[Verdict] | None) -> Verdict | None:
    """The verdict of a check that has come to its end."""
    if answer is None or not answer.done() or answer.cancelled():
        return None
    verdict = answer.result()
    return None if STOPPED in verdict.report.unchecked else verdict


def _ask(
    opened: Future[IndexHandle],
    asked: Asked,
    policy: SourcePolicy,
    own: Own,
    corpus: str | None,
    stop: Stop,
) -> Verdict:
    try:
        return judge(
            opened.result().current(),
            asked.before,
            asked.text,
            asked.language,
            policy,
            corpus=corpus,
            own=own,
            stop=stop,
        )
    except InklingError as error:
        return unchecked(error.cause, policy)
    except Exception as error:  # a suggestion is worth more than its check
        logger.warning("a suggestion was not checked: %s", type(error).__name__)
        return unchecked(_FAILED, policy)


def _open(folder: Path) -> IndexHandle:
    from attribution.handle import IndexHandle

    return IndexHandle(folder)
