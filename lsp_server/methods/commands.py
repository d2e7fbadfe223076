"""`workspace/executeCommand`: accepting, explaining, switching off and on, another model.

A client that knows nothing of them loses only the statistics: the commands come with the items, as
the protocol provides.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from inkling.bundle import open_bundle
from inkling.errors import InklingError
from lsp_server import statistics
from lsp_server.methods import adapter, lifecycle, models, references, status, warming
from lsp_server.offers import Offer, is_kept
from lsp_server.parts import asked_parts
from lsp_server.statistics import Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.server import InklingServer
    from lsp_server.sightings import Sighting

ACCEPT = "inkling.accept"
ACCEPT_PARTIALLY = "inkling.acceptPartially"
EXPLAIN = "inkling.explain"
ENABLE = "inkling.enable"
DISABLE = "inkling.disable"
SWITCH_MODEL = "inkling.switchModel"
SWITCH_ADAPTER = "inkling.switchAdapter"

KEPT_SECONDS = 30.0


def accept(server: InklingServer, number: Any = None, *_: Any) -> None:
    """The user took the suggestion with this id."""
    offer = server.offers.take(str(number))
    if offer is not None:
        # Of what was shown first, the editor may tell this after its beginning was typed.
        begin = max(offer.sighting.begins, len(offer.before))
        _taken(server, offer, offer.text, begin)


def accept_partially(server: InklingServer, number: Any = None, *rest: Any) -> None:
    """The user took some UTF-16 code units of a suggestion: the last argument says how many."""
    offer = server.offers.get(str(number))
    length = rest[-1] if rest else 0
    if offer is None or not isinstance(length, int | float) or not length > 0:
        return
    length = int(min(length, 2 * len(offer.text)))
    units = offer.text.encode("utf-16-le", "surrogatepass")[: 2 * length]
    _taken(server, offer, units.decode("utf-16-le", "ignore"), len(offer.before))


def _taken(server: InklingServer, offer: Offer, text: str, begin: int) -> None:
    """The beginning `text` of an offer was taken, from the place `begin` of its suggestion on."""
    references.mark_accepted(server, offer, text)
    sighting, before = offer.sighting, len(offer.before)
    was_accepted = sighting.is_accepted
    new = sighting.take(begin, before + len(text), before + len(offer.text))
    if was_accepted or not (new or sighting.is_accepted):
        return
    kind = EventKind.ACCEPTED if sighting.is_accepted else EventKind.PARTLY_ACCEPTED
    record(server, kind, sighting, offer.language, new)
    task = asyncio.get_running_loop().create_task(_judge_later(server, offer, text))
    server.background.add(task)
    task.add_done_callback(server.background.discard)


async def _judge_later(server: InklingServer, offer: Offer, text: str) -> None:
    takes = offer.sighting.takes
    await asyncio.sleep(server.kept_seconds)
    document = server.documents.get(offer.uri)
    if document is not None and offer.sighting.takes == takes:
        taken = offer.before + text
        kind = EventKind.KEPT if is_kept(taken, document.text) else EventKind.NOT_KEPT
        record(server, kind, offer.sighting, offer.language, len(taken))


def record(
    server: InklingServer,
    kind: EventKind,
    sighting: Sighting,
    language: str,
    characters: int,
    latency_ms: float | None = None,
) -> None:
    """Write one event, without the text, unless the user wants no statistics."""
    if not server.options.statistics:
        return
    name = server.served.name if server.served is not None else ""
    now, number = time.time(), sighting.number
    statistics.append(Event(now, kind, language, characters, latency_ms, name, number))


def explain(server: InklingServer, *_: Any) -> dict[str, Any]:
    """What became of the last request, as in `inkling/status`, and the parts of its prompt."""
    engine = server.worker.loaded if server.worker is not None else None
    completion = server.last.completion
    window = completion.window if completion is not None else None
    vocabulary = engine.vocabulary if engine is not None else None
    parts = asked_parts(window, vocabulary) if window and vocabulary else []
    return {**status.last_outcome(server), "prompt": [vars(part) for part in parts]}


def enable(server: InklingServer, *_: Any) -> None:
    server.enabled = True
    status.notify(server)


def disable(server: InklingServer, *_: Any) -> None:
    """Nothing is computed any more until it is enabled again."""
    server.enabled = False
    server.cancel_running()
    status.notify(server)


def switch_model(server: InklingServer, model: Any = None, *_: Any) -> dict[str, Any]:
    """Load another model: a path, or null for what the settings say. Checked before the old one
    goes."""
    if model is not None and not isinstance(model, str):
        return {"error": "the model's path is not a text"}
    if (elsewhere := server.effective_settings.server) is not None:
        return {
            "error": f"Completions come from the server {elsewhere}.",
            "remedy": "Choose the model there, or remove 'server' from the settings.",
        }
    try:
        open_bundle(model or server.settings.model)
    except InklingError as error:
        return {"error": error.cause, "remedy": error.remedy}
    server.chosen_model = model or None
    lifecycle.load_model(server)
    return {"error": None}


COMMANDS: dict[str, Callable[..., Any]] = {
    ACCEPT: accept,
    ACCEPT_PARTIALLY: accept_partially,
    EXPLAIN: explain,
    ENABLE: enable,
    DISABLE: disable,
    SWITCH_MODEL: switch_model,
    SWITCH_ADAPTER: adapter.switch_adapter,
    warming.COMMAND: warming.warm_up,
    models.COMMAND: models.models,
    references.COMMAND: references.references,
}
