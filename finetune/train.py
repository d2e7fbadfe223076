"""Continued training of all weights by `transformers.Trainer`, within a budget of time or steps.

Saves as it goes and resumes from the last whole save. Ctrl-C and SIGTERM save first; a second one
stops at once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import Qwen3ForCausalLM, Trainer, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from finetune.windows import SEED
from inkling.errors import InklingError
from pretrain.interrupts import Interrupts
from pretrain.muon import build_optimizer
from pretrain.resume import STEPS_FOLDER, last_save, saved_step
from pretrain.run_log import RunLog
from pretrain.train import WindowDataset, learning_rate_share

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from rich.console import Console

    from finetune.base import Base
    from finetune.options import FinetuneOptions
    from finetune.run_folder import RunFolder

MICRO_BATCH = 4
"""Sequences that are in memory at once."""
WARMUP_SHARE = 0.1
COOLDOWN_SHARE = 0.7


@dataclass(frozen=True)
class Training:
    """What a run did: the tuned model, optimizer steps, seconds and the last loss in nats."""

    model: Any
    steps: int
    seconds: float
    loss: float | None


def planned_steps(options: FinetuneOptions, windows: int) -> int:
    """Steps to take: as many as were asked for, or one pass over all `windows`."""
    return options.steps or max(1, windows // options.batch)


class _Budget(Interrupts):
    """Ends the training when its time is spent as well.

    Args:
        seconds: training time allowed; None for no limit.
        spent: seconds of it that an earlier, interrupted run has used.
        save_minutes: minutes between saves.
    """

    def __init__(self, seconds: float | None, spent: float, save_minutes: float) -> None:
        super().__init__(save_minutes)
        self._seconds = seconds
        self._began = time.monotonic() - spent

    @property
    def spent(self) -> float:
        return time.monotonic() - self._began

    def share_spent(self) -> float:
        return min(1.0, self.spent / self._seconds) if self._seconds else 0.0

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        super().on_step_end(args, state, control, **kwargs)
        if self.share_spent() == 1:
            control.should_training_stop = True


def train(
    base: Base, windows: np.ndarray, options: FinetuneOptions, run: RunFolder, console: Console
) -> Training:
    """Train the base on `windows`, from the last save in `run` if there is one.

    Raises:
        InklingError: the run was interrupted; what it did is saved.
    """
    steps = planned_steps(options, len(windows))
    save = last_save(run.path)
    done = saved_step(save) if save else 0
    if save:
        console.print(f"Going on from step {done} of at most {steps}.")
    before = [row for row in RunLog.read(run.log) if row["step"] <= done]
    spent = sum(row.get("seconds", 0.0) for row in before)
    budget = _Budget(options.budget_seconds, spent, options.save_minutes)
    # A step needs as many windows as there are, or whole micro-batches.
    micro = min(MICRO_BATCH, options.batch, len(windows))
    batch = min(options.batch, len(windows)) // micro * micro
    log = RunLog(run.log, batch * windows.shape[1], console)
    model = Qwen3ForCausalLM.from_pretrained(base.folder, dtype=torch.float32)
    optimizer = build_optimizer(model, options.learning_rate, weight_decay=0.0)

    def share(step: int) -> float:
        progress = round(steps * max(step / steps, budget.share_spent()))
        warmup = max(1, round(WARMUP_SHARE * steps))
        return learning_rate_share(progress, steps, warmup, COOLDOWN_SHARE)

    trainer = Trainer(
        model=model,
        args=_arguments(run.path / STEPS_FOLDER, steps, micro, batch // micro),
        train_dataset=WindowDataset(windows, base.pad),
        optimizers=(optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)),
        callbacks=[budget, log],
    )
    trainer.remove_callback(PrinterCallback)
    with budget.listen():
        try:
            trainer.train(resume_from_checkpoint=str(save) if save else None)
        finally:
            log.close()
    reached = trainer.state.global_step
    if budget.stopped and reached < steps:
        raise InklingError(
            f"Training was interrupted at step {reached} of at most {steps}; "
            "everything up to it is saved.",
            "Run the same command again to go on.",
        )
    losses = [row["loss"] for row in RunLog.read(run.log) if "loss" in row]
    return Training(trainer.model, reached, budget.spent, losses[-1] if losses else None)


def _arguments(folder: Path, steps: int, micro: int, accumulate: int) -> TrainingArguments:
    cuda = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=accumulate,
        max_grad_norm=1.0,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        logging_steps=min(5, steps),
        save_strategy="no",
        save_total_limit=2,
        seed=SEED,
        data_seed=SEED,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_drop_last=True,
        dataloader_pin_memory=cuda,
    )
