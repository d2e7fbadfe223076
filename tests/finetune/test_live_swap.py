"""A running server answers with what was just learned: no restart, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lsprotocol import types

from finetune.cli import main
from tests.finetune.conftest import module
from tests.lsp_server.editor import Editor, editor

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
LEARN = ("--window", "128", "--batch", "2", "--holes", "12", "--epochs", "4", "--steps", "12",
         "--learning-rate", "0.03", "--base-loss-limit", "99", "--yes", "--force",
         "--method", "lora", "--rank", "4")  # fmt: skip


async def answer(session: Editor, uri: str) -> tuple[Any, Any]:
    """What is written at the end of the document, and the adapter that wrote it."""
    item = await session.inline(uri, 2, 0)
    return (item and item.insert_text), (await session.status()).model.adapter


async def use_adapter(session: Editor, path: Path | None) -> Any:
    return await session.client.workspace_execute_command_async(
        types.ExecuteCommandParams("inkling.switchAdapter", [str(path) if path else None])
    )


async def test_the_adapter_of_a_tuning_is_taken_up_while_the_server_runs(
    repo: Path, tiny_bundle: Path, tmp_path: Path, inkling_home: Path
) -> None:
    options = {"source": "model"}
    async with editor(f"--model={tiny_bundle}", folder=repo, options=options) as session:
        await session.loaded()
        uri = session.open(module("willow").split("\n", 1)[0] + "\n\n", repo / "willow.py")
        before, adapter = await answer(session, uri)
        assert adapter is None
        process = session.process_id

        command = [str(repo), "--base", str(tiny_bundle), "--out", str(tmp_path / "run"), *LEARN]
        assert main(command) == 0
        learned = inkling_home / "models" / "arboretum-personal"
        await use_adapter(session, learned)
        after, adapter = await answer(session, uri)
        assert adapter == str(learned / "adapter.gguf")
        assert after != before

        await use_adapter(session, None)
        assert await answer(session, uri) == (before, None)
        assert session.process_id == process
