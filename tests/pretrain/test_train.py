"""`python -m pretrain` from end to end on a tiny corpus: whole, interrupted, with bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file

from curation.corpus import HELDOUT, manifest_hash
from inkling.checkpoint import read_checkpoint_manifest
from inkling.errors import EXIT_BAD_INPUT
from pretrain.cli import main
from pretrain.resume import last_save, saved_step
from pretrain.run_log import RunLog
from tests.pretrain.documents import document, module_text, write_corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).parents[2]
STEPS = 40
SHAPE = ["--layers", "1", "--feed-forward", "256", "--window", "128", "--vocabulary", "320"]
SCHEDULE = ["--batch-tokens", "256", "--micro-batch", "1", "--tokens", str(256 * STEPS)]
DETAILS = ["--warmup-steps", "2", "--evaluate-steps", "20", "--threads", "1", "--no-compile"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    documents = [document(module_text(n), f"repo-{n % 12}", f"{n}.py") for n in range(36)]
    documents.append(document(module_text("out"), "out", "out.py", HELDOUT))
    documents += [
        document(f"echo $1 $2 {n}\n" * 9, f"repo-{n}", f"{n}.sh", language="shell")
        for n in range(12)
    ]
    return write_corpus(tmp_path_factory.mktemp("pretrain") / "corpus", documents)


@pytest.fixture(autouse=True, scope="module")
def _threads_as_before() -> Iterator[None]:
    """The command sets torch's threads for the whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def arguments(corpus: Path, out: Path, *more: str) -> list[str]:
    return ["--corpus", str(corpus), "--out", str(out), *SHAPE, *SCHEDULE, *DETAILS, *more]


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing interrupted."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert main(arguments(corpus, out)) == 0
    return out


# --- the checkpoint --------------------------------------------------------------------------


def test_transformers_loads_model_and_tokenizer(finished: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(finished / "checkpoint")
    tokenizer = AutoTokenizer.from_pretrained(finished / "checkpoint")
    assert model.config.model_type == "qwen3"
    assert model.config.vocab_size == len(tokenizer)
    ids = tokenizer("    return json.dumps(", return_tensors="pt")["input_ids"]
    assert tokenizer.decode(ids[0]) == "    return json.dumps("
    assert model(ids).logits.shape == (1, ids.shape[1], len(tokenizer))


def test_the_manifest_tells_what_was_trained_on_what(finished: Path, corpus: Path) -> None:
    manifest = read_checkpoint_manifest(finished / "checkpoint")
    training = manifest.training
    assert manifest.context_size == 128
    assert manifest.languages == ["python", "shell"]
    assert manifest.corpus == manifest_hash(corpus)
    assert (training["steps"], training["tokens"]) == (STEPS, 256 * STEPS)
    assert training["options"]["layers"] == "1"
    assert len(training["loss"]) == len(training["heldout_loss"]) == 1


def test_the_model_has_learned_something(finished: Path) -> None:
    losses = [row["loss"] for row in RunLog.read(finished / "log.jsonl") if "loss" in row]
    assert len(losses) == STEPS // 10
    assert losses[-1] < losses[0] - 1


def test_the_held_out_loss_is_measured_at_the_steps_asked_for(finished: Path) -> None:
    rows = [row for row in RunLog.read(finished / "log.jsonl") if "eval_loss" in row]
    assert [row["step"] for row in rows] == [20, 40]


def test_the_model_card_names_data_licences_and_losses(finished: Path) -> None:
    card = (finished / "checkpoint/README.md").read_text()
    training = read_checkpoint_manifest(finished / "checkpoint").training
    for expected in ("inkling-base", "repo-3", "MIT", f"{256 * STEPS:,} in {STEPS} steps"):
        assert expected in card
    assert f"{training['loss'][0]:.3f}" in card
    assert f"{training['heldout_loss'][0]:.3f}" in card


def test_the_same_command_again_finds_the_run_finished(
    finished: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (finished / "checkpoint/model.safetensors").stat()
    assert main(arguments(corpus, finished)) == 0
    assert "finished already" in capsys.readouterr().out
    assert (finished / "checkpoint/model.safetensors").stat() == before


# --- interrupted -----------------------------------------------------------------------------


def kill_when(condition: Callable[[], bool], command: list[str]) -> None:
    """Start `python -m pretrain` and kill it as soon as the condition holds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pretrain", *command],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and not condition():
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL, "the kill came too late to prove anything"


def interrupt_when(condition: Callable[[], bool], command: list[str]) -> int:
    """Run the command here and press Ctrl-C, so to speak, as soon as the condition holds."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            if condition():
                os.kill(os.getpid(), signal.SIGINT)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        return main(command)
    finally:
        ended.set()
        watcher.join()


def step_of(run: Path) -> int:
    save = last_save(run)
    return saved_step(save) if save else 0


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_a_run_that_was_killed_and_interrupted_ends_with_the_same_weights(
    finished: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    log = out / "log.jsonl"

    kill_when(lambda: step_of(out) >= 3, arguments(corpus, out, "--save-minutes", "0"))
    first = step_of(out)
    assert 3 <= first < STEPS
    assert not (out / "checkpoint").exists()

    logged = len(RunLog.read(log))
    handler = signal.getsignal(signal.SIGINT)
    status = interrupt_when(lambda: len(RunLog.read(log)) > logged, arguments(corpus, out))
    output = capsys.readouterr()
    second = step_of(out)
    assert status == EXIT_BAD_INPUT
    assert first < second < STEPS, "the signal came too late to prove anything"
    assert f"Going on from step {first} of {STEPS}" in output.out
    assert f"interrupted at step {second} of {STEPS}" in output.err
    assert signal.getsignal(signal.SIGINT) is handler

    assert main(arguments(corpus, out)) == 0
    assert f"Going on from step {second} of {STEPS}" in capsys.readouterr().out
    weights = load_file(out / "checkpoint/model.safetensors")
    expected = load_file(finished / "checkpoint/model.safetensors")
    assert weights.keys() == expected.keys()
    for name, tensor in weights.items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)
    whole, parts = (RunLog.read(run / "log.jsonl") for run in (finished, out))
    assert [row["step"] for row in parts] == [row["step"] for row in whole]


# --- bad input -------------------------------------------------------------------------------


def error_of(capsys: pytest.CaptureFixture[str]) -> str:
    """What went to standard error, which must be one sentence of cause and one of remedy."""
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert len(error.strip().splitlines()) == 2
    return " ".join(error.split())


def test_a_run_cannot_go_on_with_another_shape_and_nothing_of_it_is_lost(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    saved = out / "steps/checkpoint-5/trainer_state.json"
    saved.parent.mkdir(parents=True)
    saved.write_text("{}")
    (out / "run.json").write_text(json.dumps({"layers": 3}))
    before = sorted(out.rglob("*"))
    assert main(arguments(corpus, out)) == EXIT_BAD_INPUT
    assert "begun with --layers 3" in error_of(capsys)
    assert sorted(out.rglob("*")) == before


def test_a_corpus_without_documents_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = write_corpus(tmp_path / "empty", [])
    for corpus, cause in ((empty, "no document"), (tmp_path / "absent", "no finished corpus")):
        assert main(arguments(corpus, tmp_path / "run")) == EXIT_BAD_INPUT
        assert cause in error_of(capsys)


def test_a_corpus_too_small_for_one_step_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus", [document(module_text(1, functions=1))])
    more = ["--batch-tokens", "6400", "--micro-batch", "50", "--tokens", "6400"]
    assert main(arguments(corpus, tmp_path / "run", *more)) == EXIT_BAD_INPUT
    assert "a step takes 50" in error_of(capsys)


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        (["--hidden", "300"], "hidden size 300"),
        (["--layers", "0"], "--layers is 0"),
        (["--window", "0"], "--window is 0"),
        (["--micro-batch", "0"], "--micro-batch is 0"),
        (["--micro-batch", "3", "--batch-tokens", "1280"], "no multiple"),
        (["--batch-tokens", "300", "--tokens", "3000"], "no multiple"),
        (["--batch-tokens", "64"], "no multiple"),
        (["--tokens", "100"], "less than one step"),
        (["--vocabulary", "100"], "vocabulary of 100"),
        (["--vocabulary", "70000"], "vocabulary of 70000"),
        (["--cooldown", "1.5"], "cool-down is 1.5"),
        (["--seed", "-1"], "--seed is -1"),
        (["--max-epochs", "0"], "--max-epochs is 0"),
        (["--evaluate-steps", "0"], "--evaluate-steps is 0"),
        (["--learning-rate", "nan"], "--learning-rate is nan"),
    ],
)
def test_options_that_cannot_be_trained_with_are_named(
    more: list[str],
    cause: str,
    corpus: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments(corpus, tmp_path / "run", *more)) == EXIT_BAD_INPUT
    assert cause in error_of(capsys)
    assert not (tmp_path / "run/data/data.json").exists()
