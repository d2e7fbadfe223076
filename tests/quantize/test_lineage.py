"""A model's lineage: the same in every quantization, another for other weights."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

import pytest

from inkling.errors import InklingError
from inkling.gguf_metadata import read_float32_tensor
from inkling.lineage import lineage_of
from quantize.checkpoint_reader import open_checkpoint
from quantize.file_types import FileType
from quantize.gguf_writer import write_gguf
from tests.inkling.gguf_file import gguf_bytes

if TYPE_CHECKING:
    from pathlib import Path


def test_every_form_of_a_model_has_the_lineage_of_its_weights(
    tiny_checkpoint: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    weights = safetensors.load_file(tiny_checkpoint / "model.safetensors")
    norm = weights["model.norm.weight"].float().numpy().astype("<f4").tobytes()
    write_gguf(open_checkpoint(tiny_checkpoint), tmp_path / "whole.gguf", FileType.F32, name="any")
    assert lineage_of(tmp_path / "whole.gguf") == hashlib.sha256(norm).hexdigest()
    assert lineage_of(tiny_bundle / "model.gguf") == lineage_of(tmp_path / "whole.gguf")


def test_what_is_not_there_or_not_float32_is_none(tiny_bundle: Path, tmp_path: Path) -> None:
    model = tiny_bundle / "model.gguf"
    assert read_float32_tensor(model, "no such tensor") is None
    assert read_float32_tensor(model, "blk.0.attn_q.weight") is None  # quantized
    (tmp_path / "none.gguf").write_bytes(gguf_bytes({"general.architecture": "qwen3"}))
    assert lineage_of(tmp_path / "none.gguf") is None


def test_damaged_files_are_one_clear_error(tiny_bundle: Path, tmp_path: Path) -> None:
    whole = (tiny_bundle / "model.gguf").read_bytes()
    name = b"output_norm.weight"
    place = whole.index(name) + len(name)
    for number, damaged in enumerate((
        whole[:place],
        whole[:place] + struct.pack("<I", 2**31) + whole[place + 4 :],
        whole[: place + 16] + struct.pack("<Q", 2**40) + whole[place + 24 :],
    )):  # fmt: skip
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(damaged)
        with pytest.raises(InklingError, match="its metadata is damaged"):
            lineage_of(path)
