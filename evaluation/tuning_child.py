"""One contestant of the tuning bench, in its own process: prints its figures as a line of JSON."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback

from finetune.adapters import Method, adapter_config, loading
from finetune.base import as_checkpoint, open_base
from finetune.generic import read_generic
from finetune.windows import pack_documents

if TYPE_CHECKING:
    from finetune.base import Base

BATCH = 8
MICRO = 4
RANK = 16
RATE = 1e-3


def main(name: str, base: str, steps: int, window: int) -> None:
    """Train, and print tokens a second without padding, peak memory and losses."""
    with tempfile.TemporaryDirectory(prefix="inkling-tuning-") as folder:
        opened = open_base(as_checkpoint(Path(base) if base else None, Path(folder) / "base"))
        kind, _, method = name.rpartition("-")
        work = _plain if kind == "trl" else _ours
        figures = work(opened, Method(method), steps, window, Path(folder) / "run")
    print(json.dumps({**figures, "peak_bytes": _peak()}))


def _peak() -> int:
    """Bytes at most: on the GPU where there is one, else of this process."""
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _ours(base: Base, method: Method, steps: int, window: int, folder: Path) -> dict[str, float]:
    from rich.console import Console

    from finetune.options import FinetuneOptions
    from finetune.run_folder import RunFolder
    from finetune.train import Recipe, train
    from pretrain.allocation import keep_freed_memory
    from pretrain.run_log import RunLog

    keep_freed_memory()
    maker = base.example_maker(window)
    documents = read_generic(None, ("python",)).replay
    windows = pack_documents(documents, maker, 1, steps * BATCH)
    options = FinetuneOptions(
        (".",), steps=steps, window=window, batch=BATCH, learning_rate=RATE, rank=RANK
    )
    run = RunFolder(folder)
    folder.mkdir()
    recipe = Recipe(method, steps, MICRO)
    quiet = Console(quiet=True)
    ends: list[float] = []
    train(base, windows, windows[:0], recipe, options, run, quiet, lambda _: ends.append(_now()))
    losses = [row["loss"] for row in RunLog.read(run.log) if "loss" in row]
    padding = float((windows == base.pad).mean())
    tokens = (len(ends) - 1) * BATCH * window * (1 - padding)
    return _figures(tokens, ends, padding, losses)


def _plain(base: Base, method: Method, steps: int, window: int, folder: Path) -> dict[str, float]:
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer  # type: ignore[attr-defined]

    texts = [d.text for d in islice(read_generic(None, ("python",)).replay, 400)]
    config = SFTConfig(
        output_dir=str(folder),
        max_steps=steps,
        max_length=window,
        packing=True,
        per_device_train_batch_size=MICRO,
        gradient_accumulation_steps=BATCH // MICRO,
        learning_rate=RATE,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        bf16=False,
        gradient_checkpointing=False,
    )
    trainer: Any = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            base.folder, dtype=torch.float32, **loading(method)
        ),
        args=config,
        train_dataset=Dataset.from_dict({"text": texts}),
        processing_class=AutoTokenizer.from_pretrained(base.folder),
        peft_config=None if method is Method.FULL else adapter_config(RANK),
    )
    ends: list[float] = []
    trainer.add_callback(_StepEnds(ends))
    trainer.train()
    logs = [row for row in trainer.state.log_history if "loss" in row]
    padding = 1 - float(logs[-1]["num_tokens"]) / (steps * BATCH * window)
    tokens = float(logs[-1]["num_tokens"] - logs[0]["num_tokens"])
    return _figures(tokens, ends, max(0.0, padding), [row["loss"] for row in logs])


class _StepEnds(TrainerCallback):
    def __init__(self, ends: list[float]) -> None:
        self._ends = ends

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._ends.append(_now())


def _now() -> float:
    """Seconds of a steady clock, after what was asked of the GPU is done."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.monotonic()


def _figures(
    tokens: float, ends: list[float], padding: float, losses: list[float]
) -> dict[str, float]:
    """Figures of a run: its `tokens` are those between the end of the first step and of the last,
    so that neither's set-up counts."""
    return {
        "tokens_per_second": tokens / (ends[-1] - ends[0]),
        "padding": padding,
        "first_loss": losses[0],
        "last_loss": losses[-1],
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
