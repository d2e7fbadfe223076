"""A bundle is a base too: its weights and its tokenizer come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inkling.bundle import STARTER_PATH
from inkling.errors import InklingError

pytest.importorskip("gguf")
pytest.importorskip("transformers")


def test_a_checkpoint_survives_export_and_return(
    tiny_checkpoint: Path, tiny_bundle: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    from finetune.base import open_base
    from finetune.from_bundle import checkpoint_from_bundle

    checkpoint_from_bundle(tiny_bundle, tmp_path / "back")
    before, after = open_base(tiny_checkpoint), open_base(tmp_path / "back")
    assert after.sentinel_ids == before.sentinel_ids
    assert after.manifest.languages == before.manifest.languages
    text = Path(__file__).read_text() + "größe 12345 <fim_prefix> 石\r\n\t"
    assert after.tokenizer.encode(text).ids == before.tokenizer.encode(text).ids
    stored = load_file(tiny_checkpoint / "model.safetensors")
    returned = load_file(tmp_path / "back" / "model.safetensors")
    assert stored.keys() == returned.keys()
    for name, weights in stored.items():
        # Q8_0 keeps 8 bits of each block's largest weight.
        assert np.abs(weights - returned[name]).max() <= np.abs(weights).max() / 127, name


def test_it_is_unpacked_once(tiny_bundle: Path, tmp_path: Path) -> None:
    from finetune.base import as_checkpoint

    folder = as_checkpoint(tiny_bundle, tmp_path / "base")
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    assert as_checkpoint(tiny_bundle, tmp_path / "base") == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp
    assert as_checkpoint(tiny_bundle / "model.gguf", tmp_path / "base") == folder


def test_the_starter_can_be_a_base(tmp_path: Path) -> None:
    from finetune.base import as_checkpoint, open_base
    from finetune.base_license import license_of

    base = open_base(as_checkpoint(None, tmp_path / "base"))
    assert license_of(base.folder) == "apache-2.0"
    assert base.manifest.name == "inkling-starter"
    assert base.folder != STARTER_PATH


def test_a_model_of_others_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    from finetune.base import as_checkpoint

    bare = tmp_path / "bare.gguf"
    bare.write_bytes((tiny_bundle / "model.gguf").read_bytes())
    from finetune.from_bundle import checkpoint_from_bundle

    with pytest.raises(InklingError, match="another family"):
        checkpoint_from_bundle(bare, tmp_path / "base")
    assert not (tmp_path / "base").exists()
    assert as_checkpoint(tmp_path / "none", tmp_path / "base") == tmp_path / "none"
