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
        _taken(server, offer, offer.text, EventKind.ACCEPTED)


def accept_partially(server: InklingServer, number: Any = None, *rest: Any) -> None:
    """The user took some UTF-16 code units of a suggestion: the last argument says how many."""
    offer = server.offers.get(str(number))
    length = rest[-1] if rest else 0
    if offer is None or not isinstance(length, int | float) or length <= 0:
        return
    units = offer.text.encode("utf-16-le", "surrogatepass")[: 2 * int(length)]
    _taken(server, offer, units.decode("utf-16-le", "ignore"), EventKind.PARTLY_ACCEPTED)


def _taken(server: InklingServer, offer: Offer, text: str, kind: EventKind) -> None:
    references.mark_accepted(server, offer, text)
    if not server.options.statistics:
        return
    record(server, kind, offer, len(text))
    task = asyncio.get_running_loop().create_task(_judge_later(server, offer, text))
    server.background.add(task)
    task.add_done_callback(server.background.discard)


async def _judge_later(server: InklingServer, offer: Offer, text: str) -> None:
    await asyncio.sleep(server.kept_seconds)
    document = server.documents.get(offer.uri)
    if document is not None:
        kind = EventKind.KEPT if is_kept(text, document.text) else EventKind.NOT_KEPT
        record(server, kind, offer, len(text))


def record(
    server: InklingServer,
    kind: EventKind,
    offer: Offer,
    characters: int,
    latency_ms: float | None = None,
) -> None:
    """Write one event, without the text."""
    name = server.served.name if server.served is not None else ""
    event = Event(time.time(), kind, offer.language, characters, latency_ms, name)
    statistics.append(event)


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
