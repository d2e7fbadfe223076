"""The whole command on a tiny model: tuned, proven on later commits, installed or not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from curation.corpus import read_documents
from finetune.cli import main
from inkling.bundle import open_bundle
from inkling.checkpoint import read_checkpoint_manifest
from inkling.gguf_metadata import read_gguf_metadata
from inkling.lineage import LINEAGE_KEY, lineage_of
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import EngineSettings
from tests.finetune.conftest import FIRST, HELD_OUT, LATER, module

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
SMALL = ("--window", "128", "--batch", "2", "--holes", "12", "--epochs", "1",
         "--base-loss-limit", "99", "--yes")  # fmt: skip
NAME = "arboretum-personal"


def arguments(repo: Path, base: Path, out: Path, *more: str) -> list[str]:
    return [str(repo), "--base", str(base), "--out", str(out), *SMALL, *more]


def test_an_adapter_is_trained_proven_and_installed_by_force(
    repo: Path,
    tiny_bundle: Path,
    tmp_path: Path,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "run"
    steps = ("--steps", "3", "--method", "lora", "--rank", "4", "--force")
    command = arguments(repo, tiny_bundle, out, *steps)
    progress = tmp_path / "progress.json"
    assert main([*command, "--progress-file", str(progress)]) == 0
    place = inkling_home / "models" / NAME
    assert json.loads(progress.read_bytes())["installed"] == str(place)

    learned = {document.path for document in read_documents(out / "corpus")}
    assert learned == {f"{name}.py" for name in (*FIRST, *LATER)} - {f"{n}.py" for n in HELD_OUT}
    report = json.loads((out / "report.json").read_bytes())
    assert report["proof"]["kind"] == "commits"
    assert report["proof"]["clusters"] == len(HELD_OUT)
    assert set(report["proof"]["measures"]) == {"exact match", "edit similarity", "keys saved"}
    assert report["audit"]["rare_strings"] >= 0
    assert {row["stage"] for row in report["curation"]} >= {"quality", "secrets"}
    page = (out / "report.html").read_text()
    assert "data:image/png;base64," in page
    assert "http" not in page
    assert "files left out by curation" in page

    installed = open_bundle(inkling_home / "models" / NAME, verify=True)
    assert installed.manifest is not None
    del report["proof"]["examples"]  # lines of the repository, which aren't for the manifest
    assert installed.manifest.evaluation == {"finetune": report["proof"]}
    assert {"model.gguf", "adapter.gguf"} <= set(installed.manifest.files)
    adapter = read_gguf_metadata(place / "adapter.gguf").values
    assert adapter[LINEAGE_KEY] == lineage_of(tiny_bundle / "model.gguf")
    with Engine(installed, EngineSettings(threads=1)) as engine:
        assert engine.served.adapter is None  # its weights hold the adapter already
    base = open_bundle(tiny_bundle).manifest
    assert base is not None
    assert installed.manifest.corpus == base.corpus
    card = (inkling_home / "models" / NAME / "README.md").read_text()
    assert "llama-server -m model.gguf" in card
    assert ".Suffix" in (inkling_home / "models" / NAME / "Modelfile").read_text()
    assert read_checkpoint_manifest(out / "checkpoint").training["heldout_commits"] == 2
    assert list((out / "tensorboard").rglob("events.*"))
    assert "aren't learned" in capsys.readouterr().out

    # The same command again finds training and export done.
    exported = (out / "bundle" / "model.gguf").stat().st_mtime_ns
    assert main([*command, "--until", "export"]) == 0
    assert (out / "bundle" / "model.gguf").stat().st_mtime_ns == exported
    weights = (out / "checkpoint" / "model.safetensors").stat().st_mtime_ns
    assert main([*command, "--until", "train"]) == 0
    assert (out / "checkpoint" / "model.safetensors").stat().st_mtime_ns == weights


def test_a_checkout_before_its_first_commit_is_learned_like_a_folder(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "begun"
    folder.mkdir()
    for name in (*FIRST, *LATER):
        (folder / f"{name}.py").write_text(module(name))
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    out = tmp_path / "run"
    assert main(arguments(folder, tiny_checkpoint, out, "--steps", "1", "--until", "plan")) == 0
    assert {d.path for d in read_documents(out / "corpus")}


def test_what_is_not_proven_better_changes_nothing(
    repo: Path,
    tiny_checkpoint: Path,
    tmp_path: Path,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    earlier = inkling_home / "models" / NAME
    earlier.mkdir(parents=True)
    (earlier / "bundle.json").write_text("the earlier model")
    monkeypatch.chdir(tmp_path)
    out = Path("run")
    idle = ("--learning-rate", "0", "--steps", "1")
    assert main(arguments(repo, tiny_checkpoint, out, *idle)) == 1
    printed = capsys.readouterr().out
    assert "is not proven better" in printed
    assert "Nothing was installed" in printed
    assert [path.name for path in earlier.iterdir()] == ["bundle.json"]
    assert (earlier / "bundle.json").read_text() == "the earlier model"
    report = json.loads((out / "report.json").read_bytes())["proof"]["measures"]["exact match"]
    assert report["alone"]["difference"] == report["remembering"]["difference"] == 0

    # The same command by force finds the proof made, and asks nothing again.
    monkeypatch.setattr("finetune.run._prove", None)
    assert main([*arguments(repo, tiny_checkpoint, out, *idle), "--force"]) == 0
    assert "is not proven better" in capsys.readouterr().out
    assert open_bundle(earlier, verify=True).name == NAME
