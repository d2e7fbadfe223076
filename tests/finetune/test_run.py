"""The whole command on a tiny model: it wins and is installed, or doesn't and nothing changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune.cli import main
from inkling.bundle import open_bundle
from inkling.checkpoint import read_checkpoint_manifest
from tests.finetune.conftest import NEW, OLD

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
ROOT = Path(__file__).parents[2]
SMALL = ("--window", "128", "--batch", "2", "--yes")


def arguments(repo: Path, base: Path, out: Path, *more: str) -> list[str]:
    return [str(repo), "--base", str(base), "--out", str(out), *SMALL, *more]


def test_a_better_model_is_installed_and_kept(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, inkling_home: Path
) -> None:
    from curation.corpus import read_documents
    from finetune.split import split_documents

    out = tmp_path / "run"
    command = arguments(repo, tiny_checkpoint, out, "--steps", "12")
    assert main(command) == 0

    report = json.loads((out / "report.json").read_bytes())
    assert report["tuned"] < report["base"]
    installed = open_bundle(inkling_home / "bundles" / "arboretum-personal", verify=True)
    assert installed.manifest is not None
    assert installed.manifest.evaluation == {"finetune": report}
    base = read_checkpoint_manifest(tiny_checkpoint)
    assert installed.manifest.corpus == base.corpus
    assert installed.manifest.context_size == base.context_size
    tuned = read_checkpoint_manifest(out / "checkpoint")
    assert (tuned.training["train_documents"], tuned.training["heldout_documents"]) == (8, 2)
    assert tuned.training["split_by_time"]
    assert "bits per byte: better" in (out / "checkpoint" / "README.md").read_text()

    split = split_documents(list(read_documents(out / "corpus")))
    assert sorted(d.path for d in split.heldout) == sorted(f"{name}.py" for name in NEW)
    assert sorted(d.path for d in split.train) == sorted(f"{name}.py" for name in OLD)

    # The same command again finds the training done.
    weights = (out / "checkpoint" / "model.safetensors").stat().st_mtime_ns
    assert main(command) == 0
    assert (out / "checkpoint" / "model.safetensors").stat().st_mtime_ns == weights


def test_what_is_not_better_changes_nothing(
    repo: Path,
    tiny_checkpoint: Path,
    tmp_path: Path,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    earlier = inkling_home / "bundles" / "arboretum-personal"
    earlier.mkdir(parents=True)
    (earlier / "bundle.json").write_text("the earlier model")
    out = tmp_path / "run"
    idle = ("--learning-rate", "0", "--minutes", "0.01")
    assert main(arguments(repo, tiny_checkpoint, out, *idle)) == 1
    assert "not better" in capsys.readouterr().out
    assert [path.name for path in earlier.iterdir()] == ["bundle.json"]
    assert (earlier / "bundle.json").read_text() == "the earlier model"
    assert open_bundle(out / "bundle").name == "arboretum-personal"


def test_a_killed_run_goes_on(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    command = arguments(repo, tiny_checkpoint, out, "--steps", "60", "--save-minutes", "0")
    process = subprocess.Popen(
        [sys.executable, "-m", "finetune", *command],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not list(out.glob("steps/checkpoint-*/trainer_state.json")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
    assert not (out / "checkpoint").exists()

    assert main(command) == 0
    assert "Going on from step" in capsys.readouterr().out
    assert read_checkpoint_manifest(out / "checkpoint").training["steps"] == 60
