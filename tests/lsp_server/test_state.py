"""What was read of a workspace is there at the next start; whatever is wrong with it is ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.settings import home
from lsp_server.engine import state
from lsp_server.engine.engine import Engine
from tests.lsp_server.answers import SOURCE, assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.bundle import Bundle

TEXT = SOURCE * 2


def ask(bundle: Bundle, workspace: Path) -> tuple[int, int]:
    """Reused and all prompt tokens of the first request of a new engine."""
    with Engine(bundle, ONE_THREAD) as engine:
        engine.keep_state(workspace)
        answer = engine.complete(request_at(700, TEXT))
        engine.forget()
        assert_same_answer(engine.complete(request_at(700, TEXT)), answer)
        return answer.reused_tokens, answer.prompt_tokens


def test_a_new_engine_goes_on_where_the_last_one_ended(bundle: Bundle, tmp_path: Path) -> None:
    assert ask(bundle, tmp_path)[0] == 0
    reused, prompt = ask(bundle, tmp_path)
    assert reused > 0.9 * prompt
    assert ask(bundle, tmp_path / "another")[0] == 0


@pytest.mark.parametrize("damage", ["cut", "changed", "no note", "strange note"])
def test_a_damaged_state_is_ignored(bundle: Bundle, tmp_path: Path, damage: str) -> None:
    ask(bundle, tmp_path)
    with Engine(bundle, ONE_THREAD) as engine:
        kept = state.state_of(tmp_path, bundle, engine.session.context_size, None)
    data = bytearray(kept.path.read_bytes())
    if damage == "cut":
        kept.path.write_bytes(data[: len(data) // 2])
    elif damage == "changed":
        data[len(data) // 2] ^= 255
        kept.path.write_bytes(data)
    elif damage == "no note":
        kept.note.unlink()
    else:
        kept.note.write_text("[1")
    assert ask(bundle, tmp_path)[0] == 0


def test_the_states_together_stay_within_their_bound(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(bundle, tmp_path / "first")
    one = max(file.stat().st_size for file in (home() / state.FOLDER).glob("*.kv"))
    monkeypatch.setattr(state, "MOST_BYTES", 2 * one + one // 2)
    for name in ("second", "third", "fourth"):
        ask(bundle, tmp_path / name)
    kept = list((home() / state.FOLDER).glob("*.kv"))
    assert len(kept) == 2
    assert ask(bundle, tmp_path / "fourth")[0] > 0
