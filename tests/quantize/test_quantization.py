"""The bundle says what its weights really are, and how far it is from float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkling.bundle import open_bundle
from inkling.errors import InklingError
from inkling.layout import Sentinel
from quantize.bundle_writer import write_bundle
from quantize.file_types import FileType, parse_file_type
from quantize.quality import divergence, read_examples
from tests.quantize.random_checkpoint import write_random_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


def test_the_bundle_opens_and_describes_the_checkpoint(tiny_bundle: Path) -> None:
    manifest = open_bundle(tiny_bundle, verify=True).manifest
    assert manifest is not None
    assert manifest.name == "tiny"
    assert manifest.languages == ["python"]
    assert manifest.context_size == 2048
    assert manifest.corpus == "0" * 64
    assert set(manifest.sentinel_ids) == {sentinel.name for sentinel in Sentinel}
    assert sorted(path.name for path in tiny_bundle.iterdir()) == ["bundle.json", "model.gguf"]


def test_q8_0_is_close_to_float32(tiny_bundle: Path) -> None:
    manifest = open_bundle(tiny_bundle).manifest
    assert manifest is not None
    quality = manifest.quantization["quality"]
    assert quality["tokens"] > 1000
    assert 0 < quality["mean_divergence"] < 0.005
    assert quality["mean_divergence"] < quality["p99_divergence"] < 0.05
    assert 0.9 < quality["same_top"] < 1


@pytest.mark.parametrize("name", FileType.__members__)
def test_every_type_can_be_written_and_run(name: str, random_checkpoint: Path) -> None:
    """At a width of 64 no k-quant fits, so those must all be reported as something else."""
    out = random_checkpoint.parent / "bundle"
    file_type = FileType[name]
    quantization = write_bundle(random_checkpoint, out, file_type).quantization
    assert quantization["type"] == name
    assert open_bundle(out, verify=True).manifest is not None
    matrices = set(quantization["effective"]) - {"F32"}
    if file_type.block == 256:
        assert "blk.0.attn_q.weight" in quantization["fallbacks"]
        assert name.split("_")[0] + "_K" not in matrices
    else:
        assert quantization["fallbacks"] == {}
        # llama.cpp stores the embeddings of four- and five-bit models with more bits.
        assert {name} - {"F32"} <= matrices <= {name, "Q8_0"}
    if file_type is FileType.F32:
        assert quantization["quality"]["mean_divergence"] == 0
        assert quantization["quality"]["same_top"] == 1


def test_k_quants_fit_rows_of_256(tmp_path: Path, tokenizer_file: Path) -> None:
    write_random_checkpoint(tmp_path / "checkpoint", tokenizer_file, width=256)
    quantization = write_bundle(
        tmp_path / "checkpoint", tmp_path / "bundle", FileType.Q6_K
    ).quantization
    # attn_output is the exception: its rows are heads x head length = 64 weights long.
    assert set(quantization["fallbacks"]) == {"blk.0.attn_output.weight"}
    sizes = quantization["effective"]
    assert max(sizes, key=sizes.get) == "Q6_K"


def test_sizes_by_type_are_those_of_the_file(tiny_bundle: Path) -> None:
    manifest = open_bundle(tiny_bundle).manifest
    assert manifest is not None
    weights = sum(manifest.quantization["effective"].values())
    whole = manifest.files["model.gguf"].bytes
    assert weights < whole < weights + 100_000, "what is left is metadata"


def test_types_are_named_in_any_case() -> None:
    assert parse_file_type("q5_k_m") is FileType.Q5_K_M
    with pytest.raises(InklingError, match="Q9_9"):
        parse_file_type("Q9_9")


logits = hnp.arrays(np.float32, (3, 7), elements=st.floats(-50, 50, width=32))


@given(logits, logits)
def test_divergence_is_never_negative(
    expected: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    assert (divergence(expected, found) >= 0).all()


@given(logits, st.floats(-10, 10, width=32))
def test_divergence_ignores_a_constant(
    expected: np.ndarray[tuple[int, int], np.dtype[np.float32]], shift: float
) -> None:
    np.testing.assert_allclose(divergence(expected, expected + np.float32(shift)), 0, atol=1e-4)


def test_divergence_of_a_known_pair() -> None:
    """Fair coin against 1:3 odds: ½·ln(½/¼) + ½·ln(½/¾)."""
    fair = np.log(np.array([[0.5, 0.5]], np.float32))
    odds = np.log(np.array([[0.25, 0.75]], np.float32))
    expected = 0.5 * np.log(2) + 0.5 * np.log(2 / 3)
    np.testing.assert_allclose(divergence(fair, odds), expected, rtol=1e-6)


def test_the_texts_compared_hold_both_holes_and_documents() -> None:
    examples = read_examples()
    assert examples == read_examples()
    with_hole = [segments for _, segments in examples if Sentinel.MIDDLE in segments]
    assert len(with_hole) == len(examples) / 2 > 5
    for segments in with_hole:
        assert segments[-1] is Sentinel.END
