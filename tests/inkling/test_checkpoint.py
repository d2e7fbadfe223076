"""Checkpoint manifests: what training wrote, export reads; the rest is a sentence."""

from pathlib import Path

import pytest

from inkling.atomic import write_json
from inkling.checkpoint import (
    CHECKPOINT_VERSION,
    CheckpointManifest,
    read_checkpoint_manifest,
    write_checkpoint_manifest,
)
from inkling.errors import InklingError
from inkling.layout import LAYOUT_VERSION

MANIFEST = CheckpointManifest("tiny", 512, ["python"], "ab" * 32, training={"loss": 1.5})


def refusal(folder: Path) -> InklingError:
    with pytest.raises(InklingError) as caught:
        read_checkpoint_manifest(folder)
    return caught.value


def test_a_manifest_survives_the_disk(tmp_path: Path) -> None:
    write_checkpoint_manifest(tmp_path, MANIFEST)
    assert read_checkpoint_manifest(tmp_path) == MANIFEST
    assert MANIFEST.layout_version == LAYOUT_VERSION


def test_keys_of_a_later_release_of_the_same_version_are_passed_over(tmp_path: Path) -> None:
    write_json(
        tmp_path / "training.json",
        {"name": "n", "context_size": 9, "languages": [], "version": 1, "colour": "blue"},
    )
    assert read_checkpoint_manifest(tmp_path) == CheckpointManifest("n", 9, [])


@pytest.mark.parametrize("name", ["nowhere", "unfinished"])
def test_no_finished_checkpoint(tmp_path: Path, name: str) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "model.safetensors").touch()
    assert refusal(tmp_path / name).cause == (
        f"There is no finished checkpoint at {tmp_path / name}."
    )


def test_a_newer_checkpoint(tmp_path: Path) -> None:
    write_json(tmp_path / "training.json", {"version": CHECKPOINT_VERSION + 1})
    refused = refusal(tmp_path)
    assert f"version {CHECKPOINT_VERSION + 1}" in refused.cause
    assert refused.remedy == "Upgrade Inkling."


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"version": 1}', '{"version": ""}'])
def test_a_damaged_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "training.json").write_text(text)
    assert str(tmp_path / "training.json") in refusal(tmp_path).cause
