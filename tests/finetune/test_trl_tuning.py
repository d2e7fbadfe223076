"""Preferences and instructions: the tuned model likes what it was shown better than before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from finetune.cli import main
from inkling import interactions
from inkling.bundle import open_bundle
from inkling.interactions import Interaction

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.trl_tuning import Pair

pytest.importorskip("trl")
pytest.importorskip("gguf")


def interaction(number: int, accepted: bool = False) -> Interaction:
    return Interaction(
        at=float(number),
        language="python",
        path="shop.py",
        prefix=f"def price_{number}(item):\n    return ",
        suffix="\n",
        suggested="None",
        written="item.price",
        accepted=accepted,
    )


def log_odds(checkpoint: Path, pairs: list[Pair]) -> float:
    """Mean of log P(chosen) − log P(rejected)."""
    import torch
    from transformers import Qwen3ForCausalLM

    model: Any = Qwen3ForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()

    def score(prompt: list[int], answer: list[int]) -> float:
        ids = torch.tensor([prompt + answer])
        labels = torch.tensor([[-100] * len(prompt) + answer])
        with torch.inference_mode():
            return -model(input_ids=ids, labels=labels).loss.item() * len(answer)

    odds = [score(p.prompt, p.chosen) - score(p.prompt, p.rejected) for p in pairs]
    return sum(odds) / len(odds)


def test_what_was_written_is_preferred_to_what_was_not_taken(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    from finetune.base import open_base
    from finetune.trl_tuning import preference_pairs

    log = tmp_path / "interactions.jsonl"
    for number in range(12):
        interactions.append(interaction(number), log)
    interactions.append(interaction(99, accepted=True), log)
    out = tmp_path / "run"
    command = ["prefer", "--base", str(tiny_checkpoint), "--log", str(log), "--out", str(out)]
    assert main([*command, "--steps", "6", "--learning-rate", "3e-4"]) == 0
    pairs = preference_pairs(open_base(tiny_checkpoint), interactions.read(log))
    assert len(pairs) == 12
    assert log_odds(out / "checkpoint", pairs) > log_odds(tiny_checkpoint, pairs)
    assert open_bundle(out / "bundle", verify=True).name == "preferred"


def test_instructions_are_learned_in_the_chat_template(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    rows = [{"instruction": f"Add {n}", "response": f"x += {n}"} for n in range(10)]
    pairs.write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "run"
    command = ["--task", "instruct", str(pairs), "--base", str(tiny_checkpoint), "--out", str(out)]
    assert main([*command, "--steps", "4", "--name", "helper"]) == 0
    template = (out / "checkpoint" / "chat_template.jinja").read_text()
    assert "### " in template
    bundle = open_bundle(out / "bundle")
    assert bundle.name == "helper"
    assert template.encode() in bundle.model_path.read_bytes()  # servers read it from there
    modelfile = (out / "bundle" / "Modelfile").read_text()
    assert "### user\n{{ .Prompt }}\n### assistant\n" in modelfile
    assert ".Suffix" in modelfile
    card = (out / "bundle" / "README.md").read_text()
    assert "tuned with 10 pairs" in card
    assert "llama-server -m" in card


def test_long_files_and_long_responses_are_learned_from(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    from finetune.base import open_base
    from finetune.trl_tuning import instruction_pairs, preference_pairs
    from inkling.layout import Sentinel

    base = open_base(tiny_checkpoint)
    lines = "".join(f"value_{n} = {n}\n" for n in range(2000))
    row = replace(interaction(1), prefix=f"{lines}    return ", suffix=f"\n{lines}")
    (pair,) = preference_pairs(base, [row])
    assert base.manifest.context_size // 2 < len(pair.prompt) < base.manifest.context_size
    asked = base.tokenizer.decode(pair.prompt)
    assert "value_1999 = 1999\n" in asked
    assert asked.endswith("    return ")

    response = "x = 1\n" * 100
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"instruction": "Count", "response": response}))
    (pair,) = instruction_pairs(base, path)
    assert base.tokenizer.decode(pair.chosen[:-1]) == response
    assert pair.chosen[-1] == base.sentinel_ids[Sentinel.END]


def test_what_lies_in_the_folder_of_a_run_stays(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bundle").mkdir()
    command = ["prefer", "--base", str(tiny_checkpoint), "--out", str(tmp_path)]
    assert main(command) == 2
    assert "something else" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "can't be read"),
        ("{}\n", "Line 1"),
        ("not json\n", "Line 1"),
        ('{"instruction": "a", "response": "b"}\n', "There are 1 pairs"),
    ],
)
def test_bad_pairs(
    tiny_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    says: str,
) -> None:
    path = tmp_path / "pairs.jsonl"
    if text is not None:
        path.write_text(text)
    command = ["instruct", str(path), "--base", str(tiny_checkpoint), "--out", str(tmp_path / "r")]
    assert main(command) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_without_a_log_there_is_nothing_to_learn(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["prefer", "--base", str(tiny_checkpoint), "--out", str(tmp_path / "run")]
    assert main([*command, "--log", str(tmp_path / "none.jsonl")]) == 2
    assert "suggestions that were not taken" in capsys.readouterr().err
