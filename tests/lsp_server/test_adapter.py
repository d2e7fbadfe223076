"""LoRA adapters are swapped while the model runs; one that doesn't fit changes nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import gguf
import numpy as np
import pytest
from lsprotocol import types

from inkling.errors import InklingError
from inkling.lineage import LINEAGE_KEY, lineage_of
from lsp_server.engine.engine import Engine
from tests.lsp_server.answers import assert_same_answer, request_at
from tests.lsp_server.conftest import ONE_THREAD
from tests.lsp_server.editor import editor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from inkling.bundle import Bundle

RANK, HIDDEN = 4, 256


def write_adapter(
    path: Path,
    strength: float,
    width: int = HIDDEN,
    base: str | None = None,
    lineage: str | None = None,
) -> Path:
    """An adapter of the first layer's query projection, with random numbers."""
    numbers = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    if base is not None:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base)
    if lineage is not None:
        writer.add_string(LINEAGE_KEY, lineage)
    writer.add_float32("adapter.lora.alpha", float(RANK))
    a = numbers.standard_normal((RANK, width)).astype(np.float32)
    b = strength * numbers.standard_normal((HIDDEN, RANK)).astype(np.float32)
    writer.add_tensor("blk.0.attn_q.weight.lora_a", a)
    writer.add_tensor("blk.0.attn_q.weight.lora_b", b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def own(bundle: Bundle) -> Iterator[Engine]:
    with Engine(bundle, ONE_THREAD) as engine:
        yield engine


def test_an_adapter_changes_the_answer_and_its_removal_changes_it_back(
    own: Engine, bundle: Bundle, tmp_path: Path
) -> None:
    plain = own.complete(request_at(300))
    own.use_adapter(write_adapter(tmp_path / "adapter.gguf", 2.0))
    assert own.served.adapter == tmp_path / "adapter.gguf"
    tuned = own.complete(request_at(300))
    assert tuned.reused_tokens == 0
    assert tuned.logprobs != plain.logprobs
    write_adapter(tmp_path / "adapter.gguf", 2.0, lineage=lineage_of(bundle.model_path))
    own.use_adapter(tmp_path)  # a folder that holds one
    assert_same_answer(own.complete(request_at(300)), tuned)
    own.use_adapter(None)
    assert own.served.adapter is None
    assert_same_answer(own.complete(request_at(300)), plain)


@pytest.mark.parametrize("damage", ["missing", "text", "cut", "other shape", "other weights"])
def test_an_adapter_that_does_not_fit_is_one_clear_error_and_changes_nothing(
    own: Engine, tmp_path: Path, damage: str
) -> None:
    good = write_adapter(tmp_path / "good.gguf", 2.0)
    own.use_adapter(good)
    before = own.complete(request_at(300))
    path = tmp_path / "bad.gguf"
    if damage == "text":
        path.write_text("no adapter")
    elif damage == "cut":
        path.write_bytes(good.read_bytes()[:200])
    elif damage == "other shape":
        write_adapter(path, 1.0, width=HIDDEN // 2)
    elif damage == "other weights":
        write_adapter(path, 1.0, lineage="0" * 64)
    with pytest.raises(InklingError, match=r"bad\.gguf"):
        own.use_adapter(path)
    assert own.served.adapter == good
    after = own.complete(request_at(300))
    assert after.reused_tokens > 0
    assert_same_answer(after, before)
    own.use_adapter(None)


async def test_an_editor_begins_with_the_adapter_of_its_options(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    good = write_adapter(tmp_path / "good.gguf", 1.0)
    async with editor(f"--model={tiny_bundle}", options={"adapter": str(good)}) as session:
        assert (await session.loaded()).model.adapter == str(good)


async def test_an_option_that_changes_takes_effect_at_once(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    good = write_adapter(tmp_path / "good.gguf", 1.0)
    async with editor(f"--model={tiny_bundle}") as session:
        assert (await session.loaded()).model.adapter is None
        for wanted in (str(good), None):
            settings = types.DidChangeConfigurationParams({"inkling": {"adapter": wanted}})
            session.client.workspace_did_change_configuration(settings)
            while (await session.status()).model.adapter != wanted:
                await asyncio.sleep(0.02)


async def test_without_its_adapter_the_model_still_serves(
    tiny_bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    wide = write_adapter(tmp_path / "wide.gguf", 1.0, width=HIDDEN * 2)
    async with editor(f"--model={tiny_bundle}", options={"adapter": str(wide)}) as session:
        status = await session.loaded()
        assert status.state == "ready"
        assert status.model.adapter is None
    assert "the model runs without its adapter" in capfd.readouterr().err
