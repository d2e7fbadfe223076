"""A base by its name on the hub, and a tuned model pushed there: only when the user says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from finetune.base import as_checkpoint, open_base
from finetune.hub import local_base, push
from finetune.options import FinetuneOptions
from inkling.errors import InklingError
from tests.finetune.model_hub import ModelHub, model_hub
from tests.quantize.foreign_checkpoint import QWEN, write_foreign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("huggingface_hub")


@pytest.fixture
def hub(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    files = {path.name: path.read_bytes() for path in tiny_checkpoint.iterdir() if path.is_file()}
    with model_hub({**files, "pytorch_model.bin": b"a pickle"}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", "hf_of_ada")
        yield hub


def test_a_base_on_the_hub_is_fetched_without_its_pickles(
    hub: ModelHub, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    assert hub.files
    folder = local_base("hf://owner/name", tmp_path)
    assert folder is not None
    assert not list(folder.rglob("*.bin"))
    fetched = open_base(as_checkpoint(folder, tmp_path / "unpacked"))
    assert fetched.identity() == open_base(tiny_checkpoint).identity()


def test_a_model_of_another_family_is_fetched_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write_foreign_checkpoint(tmp_path / "made", QWEN)
    with model_hub({path.name: path.read_bytes() for path in made.iterdir()}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        folder = local_base("hf://owner/name", tmp_path)
    assert folder is not None
    base = open_base(as_checkpoint(folder, tmp_path / "unpacked"))
    assert base.manifest.name == "name"
    assert base.identity() == open_base(made).identity()


def test_a_base_that_the_hub_has_not(hub: ModelHub, tmp_path: Path) -> None:
    assert hub.files
    with pytest.raises(InklingError, match="The base owner/other could not be fetched"):
        local_base("hf://owner/other", tmp_path)


def test_without_a_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(InklingError, match="could not be fetched"):
        local_base("hf://owner/name", tmp_path)


def test_a_mistyped_path_opens_no_connection(
    hub: ModelHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    with pytest.raises(InklingError, match="no checkpoint or bundle at runs/chekpoint") as caught:
        local_base("runs/chekpoint", tmp_path)
    assert "hf://runs/chekpoint" in caught.value.remedy
    assert not hub.tokens


@pytest.mark.parametrize("name", ["name", "a/b/c", "../x/y", "owner/na me", ""])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="no name of the hub"):
        local_base(f"hf://{name}", tmp_path)
    with pytest.raises(InklingError, match="no name of the hub"):
        FinetuneOptions(("repo",), push=name).check()


def test_a_bundle_is_pushed_to_a_private_repository(hub: ModelHub, tiny_bundle: Path) -> None:
    address = push(tiny_bundle, "owner/name")
    assert address == f"{hub.address}/owner/name"
    assert hub.made[0]["visibility"] == "private"
    assert hub.tokens == {"Bearer hf_of_ada"}
    for path in tiny_bundle.iterdir():
        assert hub.files[path.name] == path.read_bytes()
    assert json.loads(hub.files["bundle.json"])["name"]


def test_no_permission_to_push(hub: ModelHub, tiny_bundle: Path) -> None:
    assert hub.files
    with pytest.raises(InklingError, match="could not be pushed to owner/other"):
        push(tiny_bundle, "owner/other")
