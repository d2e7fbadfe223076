"""Whatever is wrong with a checkpoint: one sentence, status 2, and nothing written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from inkling.bundle import open_bundle
from quantize.bundle_writer import write_bundle
from quantize.cli import main
from quantize.file_types import FileType
from quantize.vocabulary import byte_alphabet
from tests.quantize.random_checkpoint import (
    edit_json,
    write_random_checkpoint,
    write_tensor_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = Path(__file__).parent.parent.parent


def edit_tokenizer(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "tokenizer.json"
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value))


def add_word(tokenizer: dict[str, Any]) -> None:
    tokenizer["added_tokens"].append({"id": 1024, "content": "word", "special": False})


def drop_sentinel(tokenizer: dict[str, Any]) -> None:
    for token in tokenizer["added_tokens"]:
        if token["content"] == "<fim_middle>":
            token["content"] = "<middle>"


def drop_byte(tokenizer: dict[str, Any]) -> None:
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["no such byte"] = vocabulary.pop("Ā")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def poison(folder: Path) -> None:
    """Overwrite the last weight with an infinity."""
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + np.float32(np.inf).tobytes())


SPOILERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "unfinished": (lambda f: (f / "training.json").unlink(), "no finished checkpoint"),
    "no config": (lambda f: (f / "config.json").unlink(), "lacks"),
    "no tokenizer": (lambda f: (f / "tokenizer.json").unlink(), "lacks"),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "lacks its weights"),
    "damaged config": (lambda f: (f / "config.json").write_text("{"), "damaged"),
    "config is a list": (lambda f: (f / "config.json").write_text("[]"), "damaged"),
    "damaged tokenizer": (lambda f: (f / "tokenizer.json").write_text("{}"), "damaged"),
    "truncated weights": (lambda f: truncate(f / "model.safetensors"), "damaged"),
    "empty weights": (lambda f: (f / "model.safetensors").write_bytes(b""), "damaged"),
    "infinite weight": (poison, "infinite"),
    "newer layout": (lambda f: edit_json(f / "training.json", layout_version=99), "layout 99"),
    "newer version": (lambda f: edit_json(f / "training.json", version=99), "version 99"),
    "other architecture": (
        lambda f: edit_json(f / "config.json", architectures=["GPT2LMHeadModel"]),
        "GPT2LMHeadModel",
    ),
    "scaled rope": (
        lambda f: edit_json(
            f / "config.json", rope_parameters={"rope_theta": 1e4, "rope_type": "yarn"}
        ),
        "rope_type",
    ),
    "attention bias": (
        lambda f: edit_json(f / "config.json", attention_bias=True),
        "attention_bias",
    ),
    "no width": (lambda f: edit_json(f / "config.json", hidden_size=None), "usable value"),
    "other width": (lambda f: edit_json(f / "config.json", hidden_size=128), "shape"),
    "more layers": (lambda f: edit_json(f / "config.json", num_hidden_layers=2), "lacks"),
    "fewer layers": (lambda f: edit_json(f / "config.json", num_hidden_layers=0), "unknown tensor"),
    "too few rows": (lambda f: edit_json(f / "config.json", vocab_size=1000), "1000 embedding"),
    "integer weights": (
        lambda f: write_tensor_files(f, {"model.norm.weight": np.ones(64, np.int32)}, "I32"),
        "I32",
    ),
    "unknown weights": (
        lambda f: write_tensor_files(f, {"visual.weight": np.ones(64, np.float32)}),
        "unknown tensor",
    ),
    "few weights": (
        lambda f: write_tensor_files(f, {"model.norm.weight": np.ones(64, np.float32)}),
        "lacks the weights",
    ),
    "digits in one piece": (
        lambda f: edit_tokenizer(
            f, lambda t: t["pre_tokenizer"]["pretokenizers"][0].update(individual_digits=False)
        ),
        "starcoder",
    ),
    "no digit rule": (
        lambda f: edit_tokenizer(f, lambda t: t["pre_tokenizer"]["pretokenizers"].pop(0)),
        "starcoder",
    ),
    "prefix space": (
        lambda f: edit_tokenizer(
            f, lambda t: t["pre_tokenizer"]["pretokenizers"][1].update(add_prefix_space=True)
        ),
        "starcoder",
    ),
    "no pre-tokenizer": (
        lambda f: edit_tokenizer(f, lambda t: t.update(pre_tokenizer=None)),
        "starcoder",
    ),
    "normalizer": (
        lambda f: edit_tokenizer(f, lambda t: t.update(normalizer={"type": "Lowercase"})),
        "normalizes",
    ),
    "unigram": (
        lambda f: edit_tokenizer(f, lambda t: t["model"].update(type="Unigram")),
        "Unigram",
    ),
    "whole words first": (
        lambda f: edit_tokenizer(f, lambda t: t["model"].update(ignore_merges=True)),
        "ignore_merges",
    ),
    "added word": (lambda f: edit_tokenizer(f, add_word), "not special"),
    "no middle": (lambda f: edit_tokenizer(f, drop_sentinel), "<fim_middle>"),
    "byte without token": (lambda f: edit_tokenizer(f, drop_byte), "every byte"),
    "merge of unknowns": (
        lambda f: edit_tokenizer(f, lambda t: t["model"]["merges"].append(["xy", "zzyzx"])),
        "merge",
    ),
}


def everything_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", SPOILERS)
def test_a_spoiled_checkpoint_is_refused(
    name: str, random_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, message = SPOILERS[name]
    spoil(random_checkpoint)
    before = everything_below(random_checkpoint.parent)
    assert main([str(random_checkpoint), "--out", str(random_checkpoint.parent / "bundle")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert everything_below(random_checkpoint.parent) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{checkpoint}", "--type", "Q9_9", "--out", "{tmp}/bundle"], "Q9_9"),
        (["{tmp}/nowhere", "--out", "{tmp}/bundle"], "no finished checkpoint"),
        (["{checkpoint}", "--out", "{checkpoint}"], "something else than a bundle"),
        (["{checkpoint}", "--out", "{tmp}"], "something else than a bundle"),
        (["{checkpoint}", "--out", "{checkpoint}/config.json"], "something else than a bundle"),
        (["{checkpoint}", "--out", "{checkpoint}/config.json/below"], "can't be written"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str],
    message: str,
    random_checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tmp = random_checkpoint.parent
    before = everything_below(tmp)
    filled = [a.format(checkpoint=random_checkpoint, tmp=tmp) for a in arguments]
    assert main(filled) == 2
    assert message in capsys.readouterr().err
    assert everything_below(tmp) == before


@pytest.mark.parametrize(
    ("name", "folder"),
    [("tiny", "tiny-F16"), ("my model/2", "my-model-2-F16"), ("..", "F16"), ("../x", "x-F16")],
)
def test_the_default_place_is_under_inkling_home(
    name: str,
    folder: str,
    random_checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(random_checkpoint.parent / "home"))
    assert main([str(random_checkpoint), "--name", name, "--type", "f16"]) == 0
    bundle = random_checkpoint.parent / "home" / "bundles" / folder
    manifest = open_bundle(bundle).manifest
    assert manifest is not None
    assert manifest.name == name
    assert str(bundle) in capsys.readouterr().out.replace("\n", "")


def test_silent_fall_backs_are_said_aloud(
    random_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = random_checkpoint.parent / "bundle"
    assert main([str(random_checkpoint), "--out", str(out), "--type", "Q6_K"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "warning: the rows of" in printed
    assert "stored them as Q8_0" in printed


def test_the_model_card_comes_along(random_checkpoint: Path) -> None:
    (random_checkpoint / "README.md").write_text("# Card\n")
    (random_checkpoint / "loss.svg").write_text("<svg/>")
    out = random_checkpoint.parent / "bundle"
    write_bundle(random_checkpoint, out, FileType.F16)
    assert (out / "README.md").read_text() == "# Card\n"
    assert (out / "loss.svg").read_text() == "<svg/>"


def test_an_earlier_bundle_survives_a_failure_and_yields_to_a_success(
    random_checkpoint: Path,
) -> None:
    out = random_checkpoint.parent / "bundle"
    assert main([str(random_checkpoint), "--out", str(out), "--name", "first"]) == 0
    first = everything_below(out)
    poison(random_checkpoint)
    assert main([str(random_checkpoint), "--out", str(out), "--name", "second"]) == 2
    assert everything_below(out) == first
    write_random_checkpoint(
        random_checkpoint.parent / "other", random_checkpoint / "tokenizer.json"
    )
    other = str(random_checkpoint.parent / "other")
    assert main([other, "--out", str(out), "--name", "third"]) == 0
    manifest = open_bundle(out, verify=True).manifest
    assert manifest is not None
    assert manifest.name == "third"


def hear_ctrl_c() -> None:
    """A job that a shell put into the background ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_an_interrupted_run_leaves_the_earlier_bundle(
    number: signal.Signals, status: int, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    """The run is stopped as soon as its first temporary file appears, that is, in mid-work."""
    out = tmp_path / "bundle"
    write_bundle(tiny_checkpoint, out, FileType.Q8_0)
    before = everything_below(out)
    command = [sys.executable, "-m", "quantize", str(tiny_checkpoint), "--out", str(out)]
    process = subprocess.Popen(
        [*command, "--name", "second"], cwd=REPOSITORY, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list(tmp_path.glob(".bundle.*.tmp/*.gguf")):
        time.sleep(0.002)
    process.send_signal(number)
    _, error = process.communicate()
    assert process.returncode == status
    assert "Traceback" not in error
    assert everything_below(out) == before
    if number == signal.SIGINT:
        assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_the_byte_alphabet_is_that_of_tokenizers() -> None:
    pre_tokenizers = pytest.importorskip("tokenizers").pre_tokenizers
    assert byte_alphabet() == set(pre_tokenizers.ByteLevel.alphabet())
