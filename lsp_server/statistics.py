"""Local statistics: what was shown, taken and kept. Numbers only, never any text.

One JSON object a line in `INKLING_HOME/statistics.jsonl`, only ever appended to. Nothing reads it
but `inkling stats` and what the user points at it; nothing is sent anywhere.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import quantiles
from typing import TYPE_CHECKING

from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

FILE_NAME = "statistics.jsonl"


class EventKind(StrEnum):
    """What happened to a suggestion. `SHOWN` means that it was sent to the editor in time."""

    SHOWN = "shown"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly-accepted"
    KEPT = "kept"
    NOT_KEPT = "not-kept"


@dataclass(frozen=True)
class Event:
    """One line of the file.

    Attributes:
        at: seconds since 1970.
        language: name in `inkling.languages`, "" if unknown.
        characters: length of the suggestion, or how many more of it were taken.
        latency_ms: from the request to the answer, for `SHOWN`.
        model: name of the model.
        suggestion: drawn at random; the events of a suggestion have the same.
    """

    at: float
    kind: EventKind
    language: str = ""
    characters: int = 0
    latency_ms: float | None = None
    model: str = ""
    suggestion: str = ""


def append(event: Event, path: Path | None = None) -> None:
    """Add one line. A disk that refuses is logged; statistics are not worth an error."""
    path = path or home() / FILE_NAME
    values = {key: value for key, value in asdict(event).items() if value is not None}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as handle:  # one short write, so that several servers don't mix
            handle.write(json.dumps(values).encode() + b"\n")
    except OSError as error:
        logger.debug("statistics can't be written: %s", error.strerror)


def read(path: Path | None = None) -> Iterator[Event]:
    """The events of the file, without lines that are damaged or of an unknown kind."""
    path = path or home() / FILE_NAME
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            values = json.loads(line)
            event = Event(**{**values, "kind": EventKind(values["kind"])})
        except (ValueError, KeyError, TypeError):
            continue
        if _is_sound(event):
            yield event


def _is_sound(event: Event) -> bool:
    if not event.suggestion:  # without it nobody knows what belongs together
        return False
    numbers = (event.at, event.characters, event.latency_ms or 0.0)
    return all(
        isinstance(number, int | float) and math.isfinite(number) for number in numbers
    ) and all(isinstance(name, str) for name in (event.language, event.model, event.suggestion))


@dataclass(frozen=True)
class Summary:
    """Counts of suggestions and characters, and latencies in milliseconds (None without any).

    A suggestion is accepted or partly accepted, never both. `kept` is out of `judged`: suggestions
    of which something was taken at least 30 seconds ago, while the editor was still open.
    """

    shown: int = 0
    accepted: int = 0
    partly_accepted: int = 0
    kept: int = 0
    judged: int = 0
    characters_taken: int = 0
    latency_p50: float | None = None
    latency_p95: float | None = None


def summarize(events: Iterable[Event]) -> Summary:
    """All events in a few numbers. What became of suggestions that were shown earlier is left out,
    so that no share is above 1."""
    fates: dict[str, EventKind] = {}
    judged: dict[str, bool] = {}
    characters = 0
    latencies: list[float] = []
    for event in events:
        number, kind = event.suggestion, event.kind
        if kind is EventKind.SHOWN:
            fates.setdefault(number, kind)
            if event.latency_ms is not None:
                latencies.append(event.latency_ms)
        elif number in fates and kind in (EventKind.KEPT, EventKind.NOT_KEPT):
            judged[number] = kind is EventKind.KEPT
        elif number in fates:
            characters += event.characters
            if fates[number] is not EventKind.ACCEPTED:
                fates[number] = kind
    cuts = quantiles(latencies, n=20, method="inclusive") if len(latencies) > 1 else latencies * 19
    ends = list(fates.values())
    return Summary(
        len(ends),
        ends.count(EventKind.ACCEPTED),
        ends.count(EventKind.PARTLY_ACCEPTED),
        sum(judged.values()),
        len(judged),
        characters,
        cuts[9] if cuts else None,
        cuts[18] if cuts else None,
    )
