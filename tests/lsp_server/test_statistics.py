"""Local statistics: numbers only, added line by line, and what `inkling stats` makes of them."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.settings import home
from lsp_server.documents import Document
from lsp_server.offers import Offer, Offers, is_kept
from lsp_server.shown import Shown
from lsp_server.sightings import Sighting
from lsp_server.statistics import FILE_NAME, Event, EventKind, Summary, append, read, summarize
from lsp_server.stats import main

if TYPE_CHECKING:
    from pathlib import Path


def event(
    kind: EventKind, characters: int = 0, latency: float | None = None, number: str = "1"
) -> Event:
    return Event(time.time(), kind, "python", characters, latency, "tiny", number)


EVENTS = [
    event(EventKind.SHOWN, 10, 20.0, "1"),
    event(EventKind.SHOWN, 10, 40.0, "2"),
    event(EventKind.SHOWN, 10, 60.0, "3"),
    event(EventKind.PARTLY_ACCEPTED, 3, None, "1"),
    event(EventKind.ACCEPTED, 7, None, "1"),
    event(EventKind.PARTLY_ACCEPTED, 3, None, "2"),
    event(EventKind.PARTLY_ACCEPTED, 1, None, "2"),
    event(EventKind.NOT_KEPT, 3, None, "1"),
    event(EventKind.KEPT, 10, None, "1"),
    event(EventKind.NOT_KEPT, 4, None, "2"),
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "folder" / FILE_NAME
    for item in EVENTS:
        append(item, path)
    assert list(read(path)) == EVENTS
    assert path.read_text().count("\n") == len(EVENTS)


def test_a_summary_counts() -> None:
    assert summarize(EVENTS) == Summary(3, 1, 1, 1, 2, 14, 40.0, pytest.approx(58.0))
    assert summarize([]) == Summary()


@given(
    st.lists(
        st.builds(event, st.sampled_from(EventKind), st.integers(0, 9), st.none(),
                  st.sampled_from("123"))
    )
)  # fmt: skip
def test_no_share_is_above_what_was_shown(events: list[Event]) -> None:
    found = summarize(events)
    assert found.accepted + found.partly_accepted <= found.shown <= 3
    assert found.kept <= found.judged <= found.shown


@given(st.binary(max_size=200))
def test_damaged_lines_are_skipped(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.mktemp("noise") / FILE_NAME
    append(EVENTS[0], path)
    with path.open("ab") as handle:
        handle.write(
            noise
            + b'\n{"kind": "other"}\n{"kind": "shown", "at": 1.0}\n{"kind": "shown", "at": "now"}\n[]\n'
        )
    append(EVENTS[1], path)
    assert [found.latency_ms for found in read(path)] == [20.0, 40.0]


def test_no_file_is_no_error_and_neither_is_a_disk_that_refuses(tmp_path: Path) -> None:
    assert list(read(tmp_path / "none")) == []
    append(EVENTS[0], tmp_path)  # a folder, which can't be written


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    (home() / FILE_NAME).unlink(missing_ok=True)
    assert main([]) == 0
    assert "Nothing was shown" in capsys.readouterr().out
    for item in [*EVENTS, Event(1.0, EventKind.SHOWN, "python", suggestion="4")]:
        append(item)
    assert main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["python"]["shown"] == 3
    assert main([]) == 0
    assert "accepted" in capsys.readouterr().out
    assert main(["--days", "0"]) == 2
    (home() / FILE_NAME).unlink()


def test_offers_are_taken_once_and_forgotten_in_time() -> None:
    offers = Offers()
    sighting = Sighting(Shown(Document("file:///a", ""), 0, "99"))
    made = [Offer("file:///a", str(index), "python", sighting) for index in range(100)]
    numbers = [offers.add(offer) for offer in made]
    assert offers.take(numbers[0]) is None
    assert offers.get(numbers[-1]) == made[-1]
    assert offers.take(numbers[-1]) is not None
    assert offers.take(numbers[-1]) is None


@pytest.mark.parametrize(
    ("document", "kept"),
    [("x = f(a,\n      b)\n", True), ("x = f(a, c)", False), ("", False), (None, False)],
)
def test_kept_is_what_still_stands_there(document: str | None, kept: bool) -> None:
    assert is_kept("f(a, b)", document) == kept
