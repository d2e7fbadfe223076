"""What `inlineCompletion` and `completion` share: from a position to the text of a suggestion."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsprotocol import types

from inkling.errors import InklingError
from lsp_server.documents import Change
from lsp_server.engine.records import Cancelled, Completion, Source
from lsp_server.features import Feature
from lsp_server.methods import commands, judging, lifecycle, noting, status, warming
from lsp_server.offers import Offer
from lsp_server.provenance.gate import verdict_json
from lsp_server.provenance.policy import Action
from lsp_server.rules.reasons import Reason, Silence, explain
from lsp_server.running import GRACE_SECONDS, Running
from lsp_server.shown import Shown
from lsp_server.sightings import Sighting
from lsp_server.statistics import EventKind
from lsp_server.suggest import language_of, plan, presentable
from lsp_server.surroundings import Spot, with_snippets
from lsp_server.workspace import locate

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.provenance.checker import Judgement
    from lsp_server.server import InklingServer, Outcome

logger = logging.getLogger(__name__)

INVOKED_PATIENCE = 5.0
AUTOMATIC_PATIENCE = 1.0
ALTERNATIVES = 2
"""Other suggestions to cycle through where the user asked for one."""
_AFTER_THE_ANSWER = 0.002
"""Seconds; what is prepared for later mustn't hold up what is to be shown now."""


@dataclass(frozen=True)
class Suggestion:
    """Text to insert at `offset` (in characters) of a snapshot.

    Attributes:
        number: id of the offer, by which the editor says that it was taken.
        judgement: what the check of its sources says.
        others: alternatives, if the user asked for a suggestion.
    """

    text: str
    offset: int
    document: Document
    number: str = ""
    judgement: Judgement | None = None
    others: tuple[Suggestion, ...] = ()


def accept_command(suggestion: Suggestion) -> types.Command:
    """What a client runs when the user takes the suggestion; carries its sources, too."""
    judgement = suggestion.judgement
    return types.Command(
        "Inkling: accepted",
        commands.ACCEPT,
        tooltip=judgement.verdict.badge if judgement is not None else None,
        arguments=[suggestion.number, verdict_json(judgement.verdict) if judgement else None],
    )


async def suggest(
    server: InklingServer, uri: str, position: types.Position, *, invoked: bool
) -> Suggestion | None:
    """The suggestion at a position, or None; the reason is logged and kept for `inkling/status`.

    A newer request ends an older one. If this coroutine is cancelled, so is the computation.

    Args:
        invoked: the user asked, so it is worth to wait longer for a model that still loads.
    """
    # Imported late: lsp_server.server imports the methods.
    from lsp_server.server import Outcome

    if not server.enabled:
        server.last = Outcome(Reason.DISABLED, explain(Reason.DISABLED))
        return None
    started = time.monotonic()
    era = server.shown.era(uri)
    warming.answered(server)
    server.is_asked_by_itself |= not invoked
    # Who asks where a suggestion is shown already wants to see others.
    wants_others = invoked and _is_shown(server, uri, position)
    along = None if wants_others else _typed_along(server, uri, position)
    if along is not None:
        server.last = Outcome(typed_along=True, judgement=along.judgement)
        if along.judgement is not None and along.judgement.verdict.action is Action.BLOCK:
            server.last = judging.blocked(server.last, along.judgement)  # its check was late
            return None
        return _offered(server, along, _seen(server, along))
    outcome, suggestion = await _suggest(server, uri, position, invoked)
    others = suggestion.others if suggestion is not None else ()
    if suggestion is not None:
        outcome, suggestion = await judging.judged(server, outcome, suggestion)
    server.last = outcome
    status.notify(server)
    if suggestion is None:
        logger.info("no suggestion: %s", outcome.reason)
        return None
    others = await _judged_others(server, outcome, others)
    for each in (*others, suggestion):
        server.shown.add(_as_shown(each), era)
    if not invoked and Feature.PREPARING not in server.options.without:
        loop = asyncio.get_running_loop()
        loop.call_later(_AFTER_THE_ANSWER, _prepare_next, server, suggestion)
    sighting = _seen(server, suggestion, time.monotonic() - started)
    for other in others:
        sighting.add(_as_shown(other))
    noting.note(server, suggestion)
    offered = tuple(_offered(server, other, sighting) for other in others)
    return replace(_offered(server, suggestion, sighting), others=offered)


async def _judged_others(
    server: InklingServer, outcome: Outcome, others: tuple[Suggestion, ...]
) -> tuple[Suggestion, ...]:
    """The alternatives that may be shown."""
    judged = [(await judging.judged(server, outcome, other))[1] for other in others]
    return tuple(other for other in judged if other is not None)


def _prepare_next(server: InklingServer, suggestion: Suggestion) -> None:
    """Let the model thread answer, while nobody asks, what will be asked if this one is taken."""
    if server.documents.get(suggestion.document.uri) is not suggestion.document:
        return
    engine = server.worker.ready.result() if server.worker is not None else None
    place = suggestion.document.position(suggestion.offset)
    document = suggestion.document.changed(Change(suggestion.text, place, place))
    offset = suggestion.offset + len(suggestion.text)
    if engine is None or server.worker is None or document.text is None:
        return
    where, serves = locate(document.path, server.folders), engine.served.serves
    request = plan(
        document, offset, where, server.policy, serves,
        invoked=False, parsed=lambda: server.parsed(document, offset),
    )  # fmt: skip
    if isinstance(request, Silence):
        return
    if server.surroundings is not None:
        request = with_snippets(request, server.surroundings.kept(document.uri))
    server.worker.prepare(request)


def _as_shown(suggestion: Suggestion) -> Shown:
    return Shown(suggestion.document, suggestion.offset, suggestion.text)


def _seen(server: InklingServer, suggestion: Suggestion, seconds: float | None = None) -> Sighting:
    """What can be seen from now on; counted as shown unless it could be seen before.

    Args:
        seconds: that the answer took, if it was computed.
    """
    sighting, document = server.sighting, suggestion.document
    if sighting is None or not sighting.goes_on(document, suggestion.offset, suggestion.text):
        server.sighting = sighting = Sighting(_as_shown(suggestion))
        latency = None if seconds is None else round(seconds * 1000, 1)
        language = language_of(document) or ""
        commands.record(server, EventKind.SHOWN, sighting, language, len(suggestion.text), latency)
    return sighting


def _offered(server: InklingServer, suggestion: Suggestion, sighting: Sighting) -> Suggestion:
    """The suggestion with an id."""
    document = suggestion.document
    offer = Offer(
        document.uri,
        suggestion.text,
        language_of(document) or "",
        sighting,
        sighting.offered(document, suggestion.offset),
        suggestion.judgement,
    )
    return replace(suggestion, number=server.offers.add(offer))


def _is_shown(server: InklingServer, uri: str, position: types.Position) -> bool:
    """Whether there is a suggestion for this very place, of which nothing was typed."""
    document = server.documents.get(uri)
    if document is None or document.text is None:
        return False
    offset = document.offset(position.line, position.character)
    return server.shown.begins_at(document, offset)


def _typed_along(server: InklingServer, uri: str, position: types.Position) -> Suggestion | None:
    """The rest of an earlier suggestion, if what was typed since is its beginning."""
    document = server.documents.get(uri)
    if document is None or document.text is None or Feature.TYPE_THROUGH in server.options.without:
        return None
    offset = document.offset(position.line, position.character)
    rest = server.shown.rest_at(document, offset)
    if rest is None:
        return None
    return Suggestion(rest, offset, document, judgement=server.sources.recall(uri, offset, rest))


async def _suggest(
    server: InklingServer, uri: str, position: types.Position, invoked: bool
) -> tuple[Outcome, Suggestion | None]:
    from lsp_server.server import Outcome

    document = server.documents.get(uri)
    if document is not None and not invoked:
        joined = await _joined(server, document, position)
        if joined is not None:
            return joined
    asked = await _ask(server, document, position, invoked)
    if isinstance(asked, Silence):
        return Outcome(asked.code, asked.reason), None
    return _presented(server, *asked)


def _presented(
    server: InklingServer, running: Running, completion: Completion
) -> tuple[Outcome, Suggestion | None]:
    """What of an answer to show at the place that it was asked for."""
    from lsp_server.server import Outcome

    document, offset = running.document, running.offset
    polished = presentable(
        completion, document, offset, server.policy, running.syntax, invoked=running.invoked
    )
    texts = _texts(server, running, completion, polished.text)
    if not texts:
        code = polished.code or Reason.NOTHING_TO_ADD
        return Outcome(code, explain(code), completion, polished.steps), None
    first, *others = (Suggestion(text, offset, document) for text in texts)
    outcome = Outcome(completion=completion, steps=polished.steps)
    return outcome, replace(first, others=tuple(others))


def _texts(
    server: InklingServer, running: Running, completion: Completion, first: str
) -> list[str]:
    """What may be shown, each text once: `first`, unless nothing is left of it, and after it the
    alternatives, which the user asked for."""
    policy = replace(server.policy, least_confidence=0.0)
    texts = dict.fromkeys([first] if first else [])
    for other in completion.alternatives:
        answer = replace(
            completion,
            text=other.text,
            tokens=other.tokens,
            logprobs=other.logprobs,
            finish_reason=other.finish_reason,
        )
        polished = presentable(answer, running.document, running.offset, policy, running.syntax)
        if polished.text:
            texts.setdefault(polished.text)
    return list(texts)


async def _joined(
    server: InklingServer, document: Document, position: types.Position
) -> tuple[Outcome, Suggestion | None] | None:
    """The answer of the request in progress, if what was typed since is its beginning."""
    running = server.running
    offset = document.offset(position.line, position.character)
    if running is None or Feature.JOINING in server.options.without:
        return None
    if not running.ends_at(document, offset) or not running.agrees_with(document):
        return None
    completion = await _answer(server, running)
    if isinstance(completion, Silence) or server.documents.get(document.uri) is not document:
        return None
    outcome, suggestion = _presented(server, running, completion)
    if suggestion is None:
        return outcome, None
    shown = Shown(suggestion.document, suggestion.offset, suggestion.text)
    rest = shown.rest_at(document, offset)
    if rest is None:
        return None
    return replace(outcome, joined=True), Suggestion(rest, offset, document)


async def _ask(
    server: InklingServer, document: Document | None, position: types.Position, invoked: bool
) -> tuple[Running, Completion] | Silence:
    """The model's answer, and the place that it is for."""
    if document is None:
        return Silence(Reason.NOT_OPEN)
    if not invoked:
        await asyncio.sleep(server.rhythm.wait)
    engine = await server.engine(INVOKED_PATIENCE if invoked else AUTOMATIC_PATIENCE)
    if engine is None or server.worker is None:
        return Silence(Reason.NOT_LOADED)
    if server.documents.get(document.uri) is not document:
        return Silence(Reason.DOCUMENT_CHANGED)
    offset = document.offset(position.line, position.character)
    place = locate(document.path, server.folders)
    serves = engine.served.serves
    request = plan(
        document, offset, place, server.policy, serves,
        invoked=invoked, parsed=lambda: server.parsed(document, offset),
    )  # fmt: skip
    if isinstance(request, Silence):
        return request
    if request.source is not Source.MEMORY:
        spot = Spot(document, offset, place)
        snippets = await lifecycle.surroundings(server, engine).around(spot)
        if server.documents.get(document.uri) is not document:
            return Silence(Reason.DOCUMENT_CHANGED)
        request = with_snippets(request, snippets)
    if invoked:
        request = replace(request, alternatives=ALTERNATIVES)
    started = time.monotonic()
    server.cancel_running()
    running = Running(document, offset, server.worker.submit(request), invoked)
    server.running = running
    running.syntax = server.parsed(document, offset)  # while the model thread computes
    completion = await _answer(server, running)
    if isinstance(completion, Silence):
        return completion
    read = completion.prompt_tokens - completion.reused_tokens
    server.rhythm = server.rhythm.after_answer(time.monotonic() - started, read)
    if server.documents.get(document.uri) is not document:
        return Silence(Reason.DOCUMENT_CHANGED)
    return running, completion


async def _answer(server: InklingServer, running: Running) -> Completion | Silence:
    running.waiting += 1
    try:
        completion = await asyncio.wrap_future(running.ticket.future)
    except asyncio.CancelledError:
        grace = 0 if Feature.JOINING in server.options.without else GRACE_SECONDS
        asyncio.get_running_loop().call_later(grace, _release, server, running)
        raise
    except Cancelled:
        return Silence(Reason.REPLACED)
    except InklingError as error:
        _tell_once(server, str(error))
        return Silence(Reason.FAILED, str(error))
    else:
        server.told = None
        return completion
    finally:
        running.waiting -= 1
        if server.running is running and running.ticket.future.done():
            server.running = None


def _tell_once(server: InklingServer, failure: str) -> None:
    """Show why requests fail, once until one succeeds or fails for another reason."""
    if server.told != failure:
        server.told = failure
        message = types.ShowMessageParams(types.MessageType.Error, f"Inkling: {failure}")
        server.window_show_message(message)


def _release(server: InklingServer, running: Running) -> None:
    """End a request that nobody waits for any more."""
    if running.release() and server.running is running:
        server.running = None
