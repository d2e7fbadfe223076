"""Fixtures of the export tests; without the `train` extra the tests that use them are skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from quantize.bundle_writer import write_bundle
from quantize.file_types import FileType
from tests.quantize.random_checkpoint import write_random_checkpoint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def tokenizer_file(tiny_checkpoint: Path) -> Path:
    pytest.importorskip("gguf")
    return tiny_checkpoint / "tokenizer.json"


@pytest.fixture
def random_checkpoint(tmp_path: Path, tokenizer_file: Path) -> Path:
    """A small valid checkpoint that a test may spoil."""
    folder = tmp_path / "checkpoint"
    write_random_checkpoint(folder, tokenizer_file)
    return folder


@pytest.fixture(scope="session")
def exact_model(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as a F32 GGUF file."""
    pytest.importorskip("gguf")
    bundle = tmp_path_factory.mktemp("exact") / "bundle"
    write_bundle(tiny_checkpoint, bundle, FileType.F32)
    return bundle / "model.gguf"
