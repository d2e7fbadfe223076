"""GGUF metadata without llama.cpp, and the sentinels of models from elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkling.bundle import MODEL_NAME, STARTER_PATH
from inkling.errors import InklingError
from inkling.foreign_layout import FAMILIES, sentinel_ids
from inkling.gguf_metadata import GgufMetadata, read_gguf_metadata
from inkling.layout import Sentinel
from tests.inkling.gguf_file import gguf_bytes, qwen_like

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.foreign_layout import Family


def metadata_of(tokens: list[str], **more: int) -> GgufMetadata:
    values = {f"tokenizer.ggml.{key}": value for key, value in more.items()}
    return GgufMetadata({"tokenizer.ggml.tokens": tuple(tokens), **values})


def test_it_reads_what_the_reference_reader_reads() -> None:
    gguf = pytest.importorskip("gguf")
    path = STARTER_PATH / MODEL_NAME
    ours = read_gguf_metadata(path)
    theirs = gguf.GGUFReader(path)
    keys = [key for key in theirs.fields if not key.startswith("GGUF.")]
    assert list(ours.values) == keys
    for key in keys:
        contents = theirs.fields[key].contents()
        assert ours.values[key] == (tuple(contents) if isinstance(contents, list) else contents)
    assert ours.architecture == "qwen3"
    assert ours.context_size


def test_our_own_models_name_their_sentinels() -> None:
    ids = sentinel_ids(read_gguf_metadata(STARTER_PATH / MODEL_NAME))
    assert set(ids) >= {Sentinel.PREFIX, Sentinel.SUFFIX, Sentinel.MIDDLE, Sentinel.REPO}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_table_knows_models_that_name_none(family: Family) -> None:
    tokens = ["<s>", family.suffix, "x", family.middle, family.prefix, family.file or "y"]
    ids = sentinel_ids(metadata_of(tokens))
    assert (ids[Sentinel.SUFFIX], ids[Sentinel.MIDDLE], ids[Sentinel.PREFIX]) == (1, 3, 4)
    assert ids.get(Sentinel.FILE) == (5 if family.file else None)


def test_metadata_goes_before_the_table() -> None:
    named = {"fim_pre_token_id": 7, "fim_suf_token_id": 8, "fim_mid_token_id": 9}
    ids = sentinel_ids(metadata_of(["<fim_prefix>", "<fim_suffix>", "<fim_middle>"], **named))
    assert (ids[Sentinel.PREFIX], ids[Sentinel.SUFFIX], ids[Sentinel.MIDDLE]) == (7, 8, 9)


@pytest.mark.parametrize(
    ("tokens", "cause"),
    [
        (["a", "b"], "no tokens to fill in the middle"),
        ([], "no tokens to fill in the middle"),
        (["<fim_prefix>", "<fim_suffix>"], "no tokens to fill in the middle"),
        (["[PREFIX]", "[SUFFIX]"], "Codestral want the suffix before the prefix"),
        (["<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"], "Seed-Coder"),
    ],
)
def test_models_that_cannot_be_asked_are_refused(tokens: list[str], cause: str) -> None:
    with pytest.raises(InklingError) as refused:
        sentinel_ids(metadata_of(tokens))
    assert cause in str(refused.value)


@settings(max_examples=60)
@given(st.integers(0, 400), st.binary(max_size=8))
def test_a_damaged_file_is_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes
) -> None:
    whole = qwen_like()
    path = tmp_path_factory.mktemp("gguf") / "model.gguf"
    path.write_bytes(whole[:cut] + noise + whole[cut + len(noise) :])
    with contextlib.suppress(InklingError):  # anything else is a bug
        read_gguf_metadata(path)


@pytest.mark.parametrize("data", [b"", b"GGUF", gguf_bytes({}, version=9), b"PK\3\4" * 10])
def test_another_kind_of_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(InklingError, match="can't be read"):
        read_gguf_metadata(path)
    with pytest.raises(InklingError, match="can't be read"):
        read_gguf_metadata(tmp_path / "none.gguf")
