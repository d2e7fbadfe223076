"""A run that was killed goes on, part by part."""

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
from finetune.progress import PARTS
from inkling.checkpoint import read_checkpoint_manifest
from tests.finetune.test_run import arguments

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
ROOT = Path(__file__).parents[2]


def test_a_killed_run_goes_on_part_by_part(
    repo: Path,
    tiny_checkpoint: Path,
    tmp_path: Path,
    inkling_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "run"
    progress = tmp_path / "progress.json"
    command = arguments(repo, tiny_checkpoint, out, "--steps", "30", "--save-minutes", "0")
    command += ["--progress-file", str(progress)]
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
    state = json.loads(progress.read_bytes())
    assert state["part"] == "train"
    assert state["percent"] > PARTS["curate"] + PARTS["plan"]

    assert main([*command, "--until", "plan"]) == 0
    assert not (out / "checkpoint").exists()
    assert main([*command, "--until", "train"]) == 0
    assert "Going on from step" in capsys.readouterr().out
    assert read_checkpoint_manifest(out / "checkpoint").training["steps"] == 30
    assert not (out / "report.json").exists()

    assert main([*command, "--until", "export"]) == 0
    assert not (out / "report.json").exists()
    written = {path: path.stat().st_mtime_ns for path in out.glob("*bundle/model.gguf")}
    assert len(written) == 2
    installed = main(command) == 0
    assert json.loads((out / "report.json").read_bytes())["proof"]["wins"] == installed
    assert (inkling_home / "models").exists() == installed
    assert {path: path.stat().st_mtime_ns for path in written} == written
