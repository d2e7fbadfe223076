"""An adapter in GGUF does to the base what PEFT does: the same logits as the merged model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from inkling.errors import InklingError
from quantize.adapter_writer import write_adapter
from quantize.checkpoint_reader import open_checkpoint
from quantize.file_types import FileType
from quantize.gguf_writer import write_gguf
from quantize.llama_model import open_llama_model

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("peft")
pytest.importorskip("gguf")
IDS = [20, 300, 41, 77, 500, 23, 99]


@pytest.fixture(scope="module")
def adapter(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter of rank 3 with random weights, which change the model visibly."""
    import torch

    from finetune.adapters import Method, load_for_training

    torch.manual_seed(0)
    model = load_for_training(tiny_checkpoint, Method.LORA, rank=3, checkpointing=False)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.05)
    folder = tmp_path_factory.mktemp("adapter")
    model.save_pretrained(folder)
    return folder


def test_the_adapter_gives_the_logits_of_the_merged_model(
    tiny_checkpoint: Path, adapter: Path, tmp_path: Path
) -> None:
    import torch

    from finetune.adapters import merge

    checkpoint = open_checkpoint(tiny_checkpoint)
    write_gguf(checkpoint, tmp_path / "base.gguf", FileType.F32, name="base")
    write_adapter(adapter, tmp_path / "adapter.gguf", checkpoint.shape, "tuned")
    with torch.inference_mode():
        merged = merge(tiny_checkpoint, adapter)(input_ids=torch.tensor([IDS])).logits[0].numpy()
    with open_llama_model(tmp_path / "base.gguf") as model:
        base = model.logits(IDS)
    with open_llama_model(tmp_path / "base.gguf", adapter=tmp_path / "adapter.gguf") as model:
        tuned = model.logits(IDS)
    assert np.abs(merged - base).max() > 1
    # The adapter is stored in float16.
    np.testing.assert_allclose(tuned, merged, atol=2e-2)


@pytest.mark.parametrize("key", ["use_dora", "rank_pattern"])
def test_what_the_format_cannot_hold_is_refused(
    tiny_checkpoint: Path, adapter: Path, tmp_path: Path, key: str
) -> None:
    shape = open_checkpoint(tiny_checkpoint).shape
    config = json.loads((adapter / "adapter_config.json").read_bytes()) | {key: {"a": 1}}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(InklingError, match="DoRA or several ranks"):
        write_adapter(tmp_path, tmp_path / "adapter.gguf", shape, "tuned")


def test_an_adapter_of_another_model_is_refused(
    tiny_checkpoint: Path, adapter: Path, tmp_path: Path
) -> None:
    checkpoint = open_checkpoint(tiny_checkpoint)
    write_gguf(checkpoint, tmp_path / "base.gguf", FileType.F32, name="base")
    (tmp_path / "adapter.gguf").write_bytes(b"GGUF, but cut off")
    with (
        pytest.raises(InklingError, match="can't load the adapter"),
        open_llama_model(tmp_path / "base.gguf", adapter=tmp_path / "adapter.gguf"),
    ):
        pass
