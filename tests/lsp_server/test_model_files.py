"""Damaged, missing and foreign model files: one sentence, never a crash."""

from __future__ import annotations

import json
import random
import shutil
import struct
from typing import TYPE_CHECKING

import pytest

from inkling.bundle import MANIFEST_NAME, MODEL_NAME, open_bundle
from inkling.errors import InklingError
from inkling.layout import LAYOUT_VERSION
from inkling.settings import Settings, home
from lsp_server.engine.engine import Engine
from lsp_server.engine.parameters import decode_threads
from lsp_server.engine.records import EngineSettings
from lsp_server.engine.vetting import vet
from lsp_server.loading import open_engine
from tests.lsp_server.answers import request_at

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def model_bytes(tiny_bundle: Path) -> bytes:
    return (tiny_bundle / MODEL_NAME).read_bytes()


def write(folder: Path, data: bytes) -> Path:
    path = folder / "some.gguf"
    path.write_bytes(data)
    return path


def patched(data: bytes, key: str, value: int) -> bytes:
    """The file with another value of an unsigned 32-bit metadata key."""
    start = data.index(key.encode()) + len(key) + 4
    return data[:start] + struct.pack("<I", value) + data[start + 4 :]


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, model_bytes: bytes, share: float) -> None:
    path = write(tmp_path, model_bytes[: int(len(model_bytes) * share)])
    with pytest.raises(InklingError, match=r"can't load|is not a GGUF"):
        Engine(open_bundle(path))


@pytest.mark.parametrize("seed", range(5))
def test_garbage_is_refused(tmp_path: Path, seed: int) -> None:
    path = write(tmp_path, b"GGUF" + random.Random(seed).randbytes(5000))
    with pytest.raises(InklingError, match="can't load"):
        Engine(open_bundle(path))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"GGU"])
def test_another_kind_of_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InklingError, match="is not a GGUF model"):
        open_engine(Settings(model=str(write(tmp_path, data))))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="There is no model at"):
        open_engine(Settings(model=str(tmp_path / "none.gguf")))


def test_a_file_that_makes_llama_cpp_abort_does_not_take_us_along(
    tmp_path: Path, model_bytes: bytes
) -> None:
    path = write(tmp_path, patched(model_bytes, "qwen3.block_count", 0))
    with pytest.raises(InklingError, match="crashes on loading"):
        open_engine(Settings(model=str(path)))


def test_the_reason_of_a_trial_load_reaches_the_user(tmp_path: Path, model_bytes: bytes) -> None:
    path = write(tmp_path, patched(model_bytes, "qwen3.embedding_length", 3))
    with pytest.raises(InklingError, match="token_embd"):
        open_engine(Settings(model=str(path)))


def test_a_flipped_bit_in_a_bundle_is_found_by_its_hash(tmp_path: Path, tiny_bundle: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    data = bytearray((copy / MODEL_NAME).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / MODEL_NAME).write_bytes(data)
    with pytest.raises(InklingError, match="is not the one that its manifest describes"):
        open_engine(Settings(model=str(copy)))


def test_what_passed_is_remembered_until_it_changes(tmp_path: Path, model_bytes: bytes) -> None:
    path = write(tmp_path, model_bytes)
    vet(open_bundle(path))
    assert str(path) in json.loads((home() / "vetted-models.json").read_bytes())
    path.write_bytes(model_bytes[:-1000])
    with pytest.raises(InklingError):
        vet(open_bundle(path))


def test_a_bare_gguf_file_is_served(tmp_path: Path, model_bytes: bytes) -> None:
    with open_engine(Settings(model=str(write(tmp_path, model_bytes)), threads=1)) as engine:
        assert engine.complete(request_at(100)).tokens
        assert engine.served.languages == ("python",)


def test_a_newer_layout_is_refused(tmp_path: Path, tiny_bundle: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(tiny_bundle, copy)
    manifest = json.loads((copy / MANIFEST_NAME).read_bytes())
    manifest["layout_version"] = LAYOUT_VERSION + 1
    (copy / MANIFEST_NAME).write_text(json.dumps(manifest))
    with pytest.raises(InklingError, match="prompt layout"):
        open_engine(Settings(model=str(copy)))


def test_a_context_without_room_for_the_answer_is_refused(tiny_bundle: Path) -> None:
    with (
        Engine(open_bundle(tiny_bundle), EngineSettings(context_tokens=256, threads=1)) as engine,
        pytest.raises(InklingError, match="has no room"),
    ):
        engine.complete(request_at(100, tokens=250))


def test_the_context_is_at_most_what_the_model_was_trained_on(tiny_bundle: Path) -> None:
    settings = EngineSettings(context_tokens=10**6, threads=1)
    with Engine(open_bundle(tiny_bundle), settings) as engine:
        assert engine.session.context_size == engine.model.trained_context


def test_small_models_decode_on_few_threads() -> None:
    assert decode_threads(15 * 2**20, 8) == 1
    assert decode_threads(500 * 2**20, 8) == 8
    assert decode_threads(500 * 2**20, 2) == 2
