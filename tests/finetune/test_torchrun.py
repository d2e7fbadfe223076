"""Two processes of torchrun train as one process does, and stop, save and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from inkling.checkpoint import read_checkpoint_manifest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("datatrove")
pytestmark = pytest.mark.e2e
safetensors = pytest.importorskip("safetensors.numpy")
SMALL = ("--window", "128", "--batch", "4", "--epochs", "2", "--base-loss-limit", "99",
         "--method", "full", "--until", "train", "--yes")  # fmt: skip
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
ALONE = (sys.executable,)


def start(
    kind: tuple[str, ...], repo: Path, base: Path, out: Path, *more: str
) -> subprocess.Popen[str]:
    command = [*kind, "-m", "finetune", str(repo), "--base", str(base), "--out", str(out)]
    return subprocess.Popen(
        [*command, *SMALL, *more],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def weights(out: Path) -> dict[str, np.ndarray]:
    return dict(safetensors.load_file(out / "checkpoint" / "model.safetensors"))


def test_two_processes_give_the_weights_of_one(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, inkling_home: Path
) -> None:
    places = {"one": ALONE, "two": TORCHRUN}
    for name, kind in places.items():
        process = start(kind, repo, tiny_checkpoint, tmp_path / name, "--steps", "3")
        told, _ = process.communicate(timeout=240)
        assert process.returncode == 0, told
        assert told.count("Done: train.") == 1, told
    one, two = (weights(tmp_path / name) for name in places)
    before = dict(safetensors.load_file(tiny_checkpoint / "model.safetensors"))
    for name, values in one.items():
        assert np.abs(values - two[name]).max() < 2e-4, name
    assert max(np.abs(values - before[name]).max() for name, values in one.items()) > 2e-3


def test_an_interrupt_ends_both_at_one_step_and_they_go_on_from_there(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, inkling_home: Path
) -> None:
    out = tmp_path / "run"
    given = (TORCHRUN, repo, tiny_checkpoint, out, "--steps", "60")
    process = start(*given)
    while process.poll() is None and not (out / "log.jsonl").exists():
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=120)
    assert process.returncode != 0, told
    assert told.count("Training was interrupted at step") == 1, told
    again = start(*given)
    told, _ = again.communicate(timeout=240)
    assert again.returncode == 0, told
    assert "Going on from step" in told
    assert read_checkpoint_manifest(out / "checkpoint").training["steps"] == 60


def test_all_end_where_there_is_nothing_to_train(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, inkling_home: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    process = start(TORCHRUN, empty, tiny_checkpoint, tmp_path / "run")
    told, _ = process.communicate(timeout=120)
    assert process.returncode != 0
    assert told.count("The sources hold no file.") == 1
    assert "in finetune" not in told  # no traceback of ours
