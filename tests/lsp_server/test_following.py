"""A running server answers with the model that is chosen and installed now, without a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from inkling.bundle import STARTER_PATH, open_bundle
from inkling.installed import install, models_folder, roll_back
from inkling.settings import CONFIG_NAME
from lsp_server.model_stamp import stamp_of
from lsp_server.models import store
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 30.0


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def comes_to(session: Editor, name: str) -> None:
    """Wait until the model of that name is loaded."""
    async with asyncio.timeout(PATIENCE):
        while (status := await session.status()).model is None or status.model.name != name:
            await asyncio.sleep(0.05)


async def test_a_choice_a_new_tuning_and_a_rollback_are_followed(
    home: Path, tiny_bundle: Path
) -> None:
    starter, tiny = open_bundle().name, open_bundle(tiny_bundle).name
    assert starter != tiny
    async with editor() as session:
        await comes_to(session, starter)
        process = session.process_id
        install(tiny_bundle, "mine")
        store.use("mine")
        await comes_to(session, tiny)
        install(STARTER_PATH, "mine")
        await comes_to(session, starter)
        roll_back("mine")
        await comes_to(session, tiny)
        # Settings that are broken for a while change nothing.
        (home / CONFIG_NAME).write_text("model = ")
        await asyncio.sleep(2.5)
        await comes_to(session, tiny)
        assert session.process_id == process


async def test_what_the_editor_named_stays(home: Path, tiny_bundle: Path) -> None:
    async with editor(f"--model={tiny_bundle}") as session:
        await comes_to(session, open_bundle(tiny_bundle).name)
        install(STARTER_PATH, "mine")
        store.use("mine")
        await asyncio.sleep(2.5)
        await comes_to(session, open_bundle(tiny_bundle).name)


def test_a_stamp_tells_a_model_from_the_one_before_it(home: Path, tiny_bundle: Path) -> None:
    place = models_folder() / "mine"
    assert stamp_of(str(place)) is None
    install(tiny_bundle, "mine")
    first = stamp_of(str(place))
    assert first == stamp_of(str(place)) is not None
    install(STARTER_PATH, "mine")
    assert stamp_of(str(place)) not in (first, None)
    assert stamp_of(str(place / "model.gguf")) is not None
    assert stamp_of(None) == stamp_of(None) is not None
