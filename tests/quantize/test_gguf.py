"""What the GGUF file says of itself, read back by llama.cpp and by the `gguf` package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import llama_cpp
import numpy as np
import pytest

from inkling.layout import LAYOUT_VERSION, Sentinel
from quantize.bundle_writer import write_bundle
from quantize.checkpoint_reader import open_checkpoint
from quantize.file_types import FileType
from quantize.gguf_writer import write_gguf
from quantize.llama_model import open_llama_model
from quantize.tensor_files import TensorFiles
from tests.quantize.random_checkpoint import hf_name, write_random_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def vocabulary(tiny_bundle: Path) -> Iterator[Any]:
    """llama.cpp's view of the vocabulary, quantized model included."""
    with open_llama_model(tiny_bundle / "model.gguf") as model:
        yield model.vocabulary


@pytest.fixture(scope="module")
def reader(tiny_bundle: Path) -> Any:
    gguf = pytest.importorskip("gguf")
    return gguf.GGUFReader(tiny_bundle / "model.gguf")


@pytest.mark.parametrize(
    ("sentinel", "ask"),
    [
        (Sentinel.PREFIX, llama_cpp.llama_vocab_fim_pre),
        (Sentinel.SUFFIX, llama_cpp.llama_vocab_fim_suf),
        (Sentinel.MIDDLE, llama_cpp.llama_vocab_fim_mid),
        (Sentinel.PAD, llama_cpp.llama_vocab_fim_pad),
        (Sentinel.REPO, llama_cpp.llama_vocab_fim_rep),
        (Sentinel.FILE, llama_cpp.llama_vocab_fim_sep),
        (Sentinel.END, llama_cpp.llama_vocab_eos),
    ],
)
def test_llama_knows_every_sentinel(
    sentinel: Sentinel, ask: Any, vocabulary: Any, tiny_checkpoint: Path
) -> None:
    token = ask(vocabulary)
    assert token == open_checkpoint(tiny_checkpoint).vocabulary.sentinel_ids[sentinel]
    assert llama_cpp.llama_vocab_get_text(vocabulary, token) == sentinel.value.encode()
    assert llama_cpp.llama_vocab_is_control(vocabulary, token)


def test_generation_ends_at_the_end_and_not_within_a_prompt(
    vocabulary: Any, tiny_checkpoint: Path
) -> None:
    ids = open_checkpoint(tiny_checkpoint).vocabulary.sentinel_ids
    ends = {s for s, token in ids.items() if llama_cpp.llama_vocab_is_eog(vocabulary, token)}
    # llama.cpp also stops at PAD, REPO and FILE, none of which belongs into a middle.
    assert ends == {Sentinel.END, Sentinel.PAD, Sentinel.REPO, Sentinel.FILE}


def test_no_token_is_added_in_front(vocabulary: Any) -> None:
    assert not llama_cpp.llama_vocab_get_add_bos(vocabulary)
    assert not llama_cpp.llama_vocab_get_add_eos(vocabulary)


def test_metadata_says_where_the_model_comes_from(reader: Any, tiny_checkpoint: Path) -> None:
    manifest = open_checkpoint(tiny_checkpoint).manifest
    values = {key: field.contents() for key, field in reader.fields.items()}
    assert values["inkling.layout.version"] == LAYOUT_VERSION
    assert values["inkling.corpus"] == manifest.corpus
    assert values["inkling.languages"] == manifest.languages
    assert values["general.architecture"] == "qwen3"
    assert values["general.name"] == manifest.name
    assert values["qwen3.context_length"] == manifest.context_size
    assert values["qwen3.rope.freq_base"] == 10000.0
    assert values["tokenizer.ggml.pre"] == "starcoder"


def test_tied_embeddings_are_stored_once(reader: Any) -> None:
    names = {tensor.name for tensor in reader.tensors}
    assert "token_embd.weight" in names
    assert "output.weight" not in names


def test_untied_output_is_kept(tmp_path: Path, tokenizer_file: Path) -> None:
    gguf = pytest.importorskip("gguf")
    write_random_checkpoint(tmp_path / "checkpoint", tokenizer_file, tied=False)
    write_gguf(
        open_checkpoint(tmp_path / "checkpoint"), tmp_path / "m.gguf", FileType.F16, name="untied"
    )
    assert "output.weight" in {t.name for t in gguf.GGUFReader(tmp_path / "m.gguf").tensors}
    with open_llama_model(tmp_path / "m.gguf") as model:
        assert model.logits(model.tokenize("x = 1")).shape[1] == 1024


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("parts", [1, 3])
def test_weights_arrive_exactly(
    dtype: str, parts: int, tmp_path: Path, tokenizer_file: Path
) -> None:
    gguf = pytest.importorskip("gguf")
    folder = tmp_path / "checkpoint"
    stored = write_random_checkpoint(folder, tokenizer_file, dtype=dtype, parts=parts)
    write_gguf(open_checkpoint(folder), tmp_path / "m.gguf", FileType.F32, name="exact")
    found = gguf.GGUFReader(tmp_path / "m.gguf").tensors
    assert len(found) == len(stored)
    for tensor in found:
        raw = stored[hf_name(tensor.name)]
        wide = (raw.astype(np.uint32) << 16).view(np.float32) if dtype == "BF16" else raw
        np.testing.assert_array_equal(tensor.data, wide.astype(np.float32), err_msg=tensor.name)


def test_bfloat16_is_read_as_torch_reads_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    save_file = pytest.importorskip("safetensors.torch").save_file
    weights = torch.randn(5, 3, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    save_file({"w": weights}, tmp_path / "model.safetensors")
    found = TensorFiles.open(tmp_path).load("w")
    np.testing.assert_array_equal(found, weights.float().numpy())


def test_embedding_rows_without_a_token_can_not_be_written(
    tmp_path: Path, tokenizer_file: Path
) -> None:
    """Embeddings padded to a round number load, and text never reaches the rows in excess."""
    write_random_checkpoint(tmp_path / "checkpoint", tokenizer_file, rows=1088)
    write_bundle(tmp_path / "checkpoint", tmp_path / "bundle", FileType.F16)
    with open_llama_model(tmp_path / "bundle" / "model.gguf") as model:
        assert model.vocabulary_size == 1088
        assert max(model.tokenize("[UNUSED1024] x")) < 1024
