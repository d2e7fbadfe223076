"""However an editor reports it, what was taken of a suggestion is counted once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from inkling.settings import home
from lsp_server.documents import Change, Document
from lsp_server.methods import commands
from lsp_server.shown import Shown
from lsp_server.sightings import Sighting
from lsp_server.statistics import FILE_NAME, Summary, read, summarize
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

URI = "file:///a.py"
texts = st.text("ab \n", min_size=1, max_size=20)

HELPER = "def show(screen):\n    screen.draw_at(left, top).with_border(double)\n"
BEGINNING = "def other(screen):\n    screen.draw_at(left"
REST = ", top).with_border(double)"
LINE, COLUMN = 1, len(BEGINNING.split("\n")[1])


@given(texts, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_no_character_counts_twice(text: str, parts: list[tuple[int, int]]) -> None:
    sighting = Sighting(Shown(Document(URI, ""), 0, text))
    taken = [sighting.take(begin, end, len(text)) for begin, end in parts]
    assert sum(taken) == len(
        {place for begin, end in parts for place in range(begin, end) if place < len(text)}
    )


@given(texts, st.data())
def test_parts_and_then_the_rest_are_the_whole(text: str, data: st.DataObject) -> None:
    """The rest by its own id, or all of it by the first one."""
    start = Document(URI, "x\ny")
    sighting = Sighting(Shown(start, 1, text))
    taken = begin = 0
    for end in sorted(data.draw(st.sets(st.integers(1, max(1, len(text) - 1))))):
        taken += sighting.take(data.draw(st.sampled_from([0, begin])), end, len(text))
        begin = min(end, len(text))
        place = start.position(1)
        now = start.changed(Change(text[:begin], place, place))
        if begin < len(text) and data.draw(st.booleans()):
            assert sighting.goes_on(now, 1 + begin, text[begin:])
            assert sighting.offered(now, 1 + begin) == text[:begin]
    taken += sighting.take(sighting.begins, len(text), len(text))
    assert taken == len(text)
    assert sighting.is_accepted


def test_it_can_be_seen_until_something_else_is_typed_or_all_of_it_stands_there() -> None:
    start = Document(URI, "x = ")
    sighting = Sighting(Shown(start, 4, "value"))
    sighting.add(Shown(start, 4, "other"))
    texts = {"x = val": False, "x = o": False, "x = w": True, "x = value": True, "y = ": True}
    for text, is_gone in texts.items():
        assert sighting.is_gone_from(Document(URI, text)) == is_gone
    assert not sighting.is_gone_from(Document("file:///b.py", "else"))


async def run(session: Editor, command: str, *arguments: Any) -> None:
    await session.client.workspace_execute_command_async(
        types.ExecuteCommandParams(command, arguments=list(arguments))
    )


class Typist:
    """Someone in a new file, whose suggestions come from another one."""

    def __init__(self, session: Editor, folder: Path) -> None:
        self.session = session
        self.uri = session.open(BEGINNING, folder / "new.py")
        self.column = COLUMN

    async def offer(self) -> str:
        """The id of the suggestion at the cursor, which is always the same text's rest."""
        item = await self.session.inline(self.uri, LINE, self.column)
        assert item is not None
        assert item.insert_text == REST[self.column - COLUMN :]
        assert item.command is not None
        return str((item.command.arguments or ())[0])

    def insert(self, count: int) -> None:
        done = self.column - COLUMN
        place = (LINE, self.column)
        self.session.edit(self.uri, REST[done : done + count], place, place)
        self.column += count

    def begin_anew(self) -> None:
        self.session.edit(self.uri, "", (LINE, COLUMN), (LINE, self.column))
        self.column = COLUMN


@pytest.mark.parametrize("by", ["first", "rest"])
async def test_word_by_word_or_at_once_it_is_taken_once(
    by: str, tmp_path: Path, tiny_bundle: Path
) -> None:
    (home() / FILE_NAME).unlink(missing_ok=True)
    (tmp_path / "helper.py").write_text(HELPER)
    options = {"source": "memory", "minProbability": 0.05}
    async with editor(f"--model={tiny_bundle}", folder=tmp_path, options=options) as session:
        await session.loaded()
        while (await session.status()).memory is None:
            await asyncio.sleep(0.02)
        typist = Typist(session, tmp_path)
        for words in ((1, 1, 4), (), (6, 2)):  # two taken whole, one of them at once, and ...
            first = number = await typist.offer()
            for length in words:
                typist.insert(length)
                await run(session, commands.ACCEPT_PARTIALLY, number, length)
                number = await typist.offer()
            typist.insert(len(REST) - sum(words))
            await run(session, commands.ACCEPT, first if by == "first" else number)
            typist.begin_anew()
        number = await typist.offer()
        typist.insert(3)  # typed by hand
        number = await typist.offer()
        typist.insert(2)
        await run(session, commands.ACCEPT_PARTIALLY, number, 2)
        await typist.offer()
    events = list(read())
    assert [event.characters for event in events if event.kind == "shown"] == [len(REST)] * 4
    found = summarize(events)
    assert found == Summary(
        shown=4, accepted=3, partly_accepted=1, characters_taken=3 * len(REST) + 2,
        latency_p50=found.latency_p50, latency_p95=found.latency_p95,
    )  # fmt: skip
