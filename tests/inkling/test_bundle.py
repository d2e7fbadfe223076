"""Bundles: what was written can be read; whatever is missing, altered or newer is a sentence."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.atomic import write_json
from inkling.bundle import (
    BUNDLE_VERSION,
    STARTER_PATH,
    Bundle,
    BundleFile,
    BundleManifest,
    open_bundle,
)
from inkling.errors import InklingError
from inkling.layout import LAYOUT_VERSION, Sentinel
from tests.inkling.gguf_file import gguf_bytes

GGUF = b"GGUF" + bytes(60)  # enough for whoever only looks at the header


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bundle as `quantize` writes it, with a second file beside the model."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "model.gguf").write_bytes(GGUF)
    (folder / "README.md").write_text("A model card.")
    names = ("model.gguf", "README.md")
    manifest = BundleManifest(
        name="tiny",
        files={name: BundleFile.of(folder / name) for name in names},
        layout_version=LAYOUT_VERSION,
        sentinel_ids={sentinel.name: index for index, sentinel in enumerate(Sentinel)},
        context_size=512,
        languages=["python"],
    )
    write_json(folder / "bundle.json", manifest.to_json())
    return folder


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "bundle.json"
    write_json(path, json.loads(path.read_bytes()) | changes)


def refusal(path: Path, *, verify: bool = False) -> InklingError:
    with pytest.raises(InklingError) as caught:
        open_bundle(path, verify=verify)
    return caught.value


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_no_model(path: str) -> None:
    with pytest.raises(InklingError, match="is empty"):
        open_bundle(path)


def test_a_bundle_opens(folder: Path) -> None:
    bundle = open_bundle(folder, verify=True)
    assert bundle.model_path == folder / "model.gguf"
    assert bundle.name == "tiny"
    assert bundle.manifest is not None
    assert bundle.manifest.files["model.gguf"].bytes == len(GGUF)
    assert bundle.manifest.sentinel_ids["MIDDLE"] == list(Sentinel).index(Sentinel.MIDDLE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.builds(
        BundleManifest,
        name=st.text(),
        files=st.dictionaries(
            st.text(), st.builds(BundleFile, bytes=st.integers(0), sha256=st.text())
        ),
        layout_version=st.integers(),
        sentinel_ids=st.dictionaries(st.text(), st.integers()),
        context_size=st.integers(1),
        languages=st.lists(st.text()),
        quantization=st.dictionaries(st.text(), json_values),
        evaluation=st.dictionaries(st.text(), json_values),
        corpus=st.none() | st.text(),
        attribution_index=st.none() | st.text(),
    )
)
def test_a_manifest_survives_the_disk(manifest: BundleManifest) -> None:
    assert BundleManifest.from_json(json.loads(json.dumps(manifest.to_json()))) == manifest


def test_keys_of_a_later_release_of_the_same_version_are_passed_over(folder: Path) -> None:
    edit_manifest(folder, colour="blue")
    assert open_bundle(folder).name == "tiny"


def test_a_bare_gguf_file_is_a_bundle_without_a_manifest(folder: Path) -> None:
    bundle = open_bundle(folder / "model.gguf")
    assert bundle == Bundle(folder / "model.gguf", None)
    assert bundle.name == "model"


def test_a_folder_with_just_a_model_is_opened_as_the_model(folder: Path) -> None:
    (folder / "bundle.json").unlink()
    assert open_bundle(folder) == Bundle(folder / "model.gguf", None)


def test_a_path_may_start_at_the_users_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert open_bundle("~/bundle").name == "tiny"


def test_the_starter_is_looked_for_in_the_package() -> None:
    assert STARTER_PATH.parent.name == "inkling"


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_place_without_a_model(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    assert refusal(tmp_path / name).cause == f"There is no model at {tmp_path / name}."


def test_a_file_that_is_no_gguf(folder: Path) -> None:
    assert "README.md is not a GGUF model" in refusal(folder / "README.md").cause


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.gguf").touch()
    assert "is not a GGUF model" in refusal(tmp_path / "empty.gguf").cause


@pytest.mark.parametrize("name", ["model.gguf", "README.md"])
def test_a_file_is_missing(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"lacks its file {folder / name}" in refusal(folder).cause


def test_a_model_that_was_cut_short_is_noticed_at_once(folder: Path) -> None:
    (folder / "model.gguf").write_bytes(GGUF[:-1])
    assert "model.gguf is not the one that its manifest describes" in refusal(folder).cause


def test_an_altered_model_of_the_same_size_is_noticed_on_request(folder: Path) -> None:
    (folder / "model.gguf").write_bytes(GGUF[:-1] + b"x")
    assert open_bundle(folder).name == "tiny"
    refused = refusal(folder, verify=True)
    assert "model.gguf is not the one that its manifest describes" in refused.cause


def test_a_newer_bundle(folder: Path) -> None:
    edit_manifest(folder, version=BUNDLE_VERSION + 1)
    refused = refusal(folder)
    assert f"version {BUNDLE_VERSION + 1}" in refused.cause
    assert refused.remedy == "Upgrade Inkling."


def test_a_bundle_of_a_newer_prompt_layout(folder: Path) -> None:
    edit_manifest(folder, layout_version=LAYOUT_VERSION + 1)
    assert refusal(folder).remedy == "Upgrade Inkling."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"bundle"',
        "{}",
        '{"version": 1}',
        '{"version": 1, "files": []}',
        '{"version": "1", "files": {}}',
        '{"version": null, "files": {}}',
        '{"version": 1, "files": {}}',
        '{"version": 1, "files": {"model.gguf": 64}}',
        '{"version": 1, "files": {"model.gguf": {"bytes": 64}}}',
        '{"version": 1, "files": {}, "name": "n", "layout_version": "1", "context_size": 1}',
    ],
)
def test_a_damaged_manifest(folder: Path, text: str) -> None:
    (folder / "bundle.json").write_text(text)
    assert str(folder / "bundle.json") in refusal(folder).cause


def test_a_manifest_that_is_not_text(folder: Path) -> None:
    (folder / "bundle.json").write_bytes(b"\xff\xfe\x00")
    assert "is damaged" in refusal(folder).cause


def test_a_manifest_without_a_model(folder: Path) -> None:
    edit_manifest(folder, files={})
    assert "describes no model.gguf" in refusal(folder).cause


class TestLanguages:
    @staticmethod
    def bundle(folder: Path, languages: list[str]) -> Bundle:
        manifest = open_bundle(folder).manifest
        assert manifest is not None
        return Bundle(folder / "model.gguf", replace(manifest, languages=languages))

    def test_a_model_serves_what_it_was_trained_on(self, folder: Path) -> None:
        bundle = self.bundle(folder, ["python", "c"])
        assert bundle.serves("python")
        assert not bundle.serves("rust")
        assert not bundle.serves(None)

    def test_a_model_that_names_no_language_serves_all(self, folder: Path) -> None:
        assert self.bundle(folder, []).serves("rust")
        assert Bundle(folder / "model.gguf", None).serves(None)

    def test_without_a_manifest_the_file_says_it(self, tmp_path: Path) -> None:
        file = tmp_path / "bare.gguf"
        file.write_bytes(gguf_bytes({"general.name": "x", "inkling.languages": ["python"]}))
        bundle = open_bundle(file)
        assert bundle.serves("python")
        assert not bundle.serves("rust")
        file.write_bytes(gguf_bytes({"general.name": "x"}))
        assert open_bundle(file).serves("rust")
