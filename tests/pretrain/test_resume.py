"""What a run goes on from: only a whole save, and only with what it was begun with."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from inkling.errors import InklingError
from pretrain.options import PretrainOptions
from pretrain.resume import begin_or_resume, is_finished, last_save, saved_step

if TYPE_CHECKING:
    from pathlib import Path


def save(run: Path, step: int, state: str | None = "{}") -> Path:
    folder = run / "steps" / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    if state is not None:
        (folder / "trainer_state.json").write_text(state)
    return folder


def test_a_run_without_a_save_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    assert last_save(tmp_path / "absent") is None
    (tmp_path / "steps").mkdir()
    assert last_save(tmp_path) is None


def test_the_newest_save_is_the_one_of_the_highest_step(tmp_path: Path) -> None:
    save(tmp_path, 9)
    newest = save(tmp_path, 100)
    save(tmp_path, 20)
    assert last_save(tmp_path) == newest
    assert saved_step(newest) == 100


@pytest.mark.parametrize("state", [None, "", '{"global_step": 30, "log_hi'])
def test_a_save_that_a_kill_cut_off_is_passed_over(tmp_path: Path, state: str | None) -> None:
    whole = save(tmp_path, 20)
    save(tmp_path, 30, state)
    (tmp_path / "steps/checkpoint-tmp").mkdir()
    assert last_save(tmp_path) == whole


@pytest.fixture
def begun(tmp_path: Path) -> PretrainOptions:
    """The options of a run that has saved step 20."""
    options = PretrainOptions(out=tmp_path / "run")
    assert begin_or_resume(options, "corpus-hash") is None
    save(options.out, 20)
    return options


def test_the_same_options_go_on(begun: PretrainOptions) -> None:
    found = begin_or_resume(begun, "corpus-hash")
    assert found is not None
    assert found.name == "checkpoint-20"


@pytest.mark.parametrize(
    "change",
    [{"tokens": 1_000_000}, {"micro_batch": 2}, {"save_minutes": 1.0}, {"learning_rate": 1e-3}],
)
def test_what_may_change_in_mid_run_does_not_stop_it(
    begun: PretrainOptions, change: dict[str, Any]
) -> None:
    assert begin_or_resume(replace(begun, **change), "corpus-hash") is not None


@pytest.mark.parametrize(
    ("change", "begun_with"),
    [
        ({"vocabulary": 999}, "--vocabulary 8192"),
        ({"layers": 9}, "--layers 4"),
        ({"hidden": 512}, "--hidden 256"),
        ({"feed_forward": 512}, "--feed-forward 768"),
        ({"window": 512}, "--window 1024"),
        ({"seed": 2}, "--seed 1"),
    ],
)
def test_what_the_model_or_its_tokens_depend_on_may_not_change(
    begun: PretrainOptions, change: dict[str, Any], begun_with: str
) -> None:
    with pytest.raises(InklingError, match=begun_with):
        begin_or_resume(replace(begun, **change), "corpus-hash")
    assert begin_or_resume(begun, "corpus-hash") is not None  # the refusal changed nothing


def test_another_corpus_is_refused(begun: PretrainOptions) -> None:
    with pytest.raises(InklingError, match="begun with another corpus"):
        begin_or_resume(begun, "other-hash")


def test_before_the_first_save_anything_may_change(tmp_path: Path) -> None:
    options = PretrainOptions(out=tmp_path / "run")
    begin_or_resume(options, "corpus-hash")
    changed = replace(options, layers=9)
    assert begin_or_resume(changed, "other-hash") is None
    save(options.out, 20)
    assert begin_or_resume(changed, "other-hash") is not None


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_run_that_notes_nothing_of_its_beginning_goes_on(
    begun: PretrainOptions, content: str | None
) -> None:
    path = begun.out / "run.json"
    path.unlink() if content is None else path.write_text(content)
    assert begin_or_resume(begun, "corpus-hash") is not None
    assert json.loads(path.read_bytes())["corpus"] == "corpus-hash"


def test_an_output_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("precious")
    with pytest.raises(InklingError, match="is a file"):
        begin_or_resume(PretrainOptions(out=tmp_path / "run"), "corpus-hash")
    assert (tmp_path / "run").read_text() == "precious"


def test_a_run_is_finished_once_its_checkpoint_says_so(tmp_path: Path) -> None:
    options = PretrainOptions(out=tmp_path)
    described = {"tokens": "10"}
    assert not is_finished(options, described, "corpus-hash")
    (tmp_path / "checkpoint").mkdir()
    assert not is_finished(options, described, "corpus-hash")
    manifest = CheckpointManifest(
        "name", 128, ["python"], "corpus-hash", training={"options": described}
    )
    write_checkpoint_manifest(tmp_path / "checkpoint", manifest)
    assert is_finished(options, described, "corpus-hash")
    assert not is_finished(options, {"tokens": "20"}, "corpus-hash")
    assert not is_finished(options, described, "other-hash")
