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
        characters: length of the suggestion, or of the part that was taken.
        latency_ms: from the request to the answer, for `SHOWN`.
        model: name of the model.
    """

    at: float
    kind: EventKind
    language: str = ""
    characters: int = 0
    latency_ms: float | None = None
    model: str = ""


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
    numbers = (event.at, event.characters, event.latency_ms or 0.0)
    return all(
        isinstance(number, int | float) and math.isfinite(number) for number in numbers
    ) and all(isinstance(name, str) for name in (event.language, event.model))


@dataclass(frozen=True)
class Summary:
    """Counts of events, and latencies in milliseconds (None without any).

    `kept` is out of `judged`: suggestions that were accepted at least 30 seconds ago, while the
    editor was still open.
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
    """All events in a few numbers."""
    count = dict.fromkeys(EventKind, 0)
    characters = 0
    latencies: list[float] = []
    for event in events:
        count[event.kind] += 1
        if event.kind in (EventKind.ACCEPTED, EventKind.PARTLY_ACCEPTED):
            characters += event.characters
        if event.kind is EventKind.SHOWN and event.latency_ms is not None:
            latencies.append(event.latency_ms)
    cuts = quantiles(latencies, n=20, method="inclusive") if len(latencies) > 1 else latencies * 19
    return Summary(
        count[EventKind.SHOWN],
        count[EventKind.ACCEPTED],
        count[EventKind.PARTLY_ACCEPTED],
        count[EventKind.KEPT],
        count[EventKind.KEPT] + count[EventKind.NOT_KEPT],
        characters,
        cuts[9] if cuts else None,
        cuts[18] if cuts else None,
    )
