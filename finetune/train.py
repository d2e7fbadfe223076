"""Training on a repository's windows by `transformers.Trainer`, within a budget of time or steps.

Saves as it goes and resumes from the last whole save. Ctrl-C and SIGTERM save first; a second one
stops at once. An adapter is always trained from the base, never on top of an earlier one. Several
processes train together (`finetune.ranks`), each on its share of every step.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from finetune.adapters import Method, load_for_training
from finetune.blending import blend, usual_blend
from finetune.out_of_room import is_disk_full, is_out_of_memory
from finetune.packed_attention import example_by_example
from finetune.ranks import ALONE
from finetune.stopping import Budget, KeepBest
from finetune.windows import SEED, PackedExamples
from inkling.errors import InklingError
from pretrain.muon import build_optimizer
from pretrain.resume import STEPS_FOLDER, last_save, saved_step
from pretrain.run_log import RunLog
from pretrain.train import learning_rate_share

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from rich.console import Console

    from finetune.base import Base
    from finetune.options import FinetuneOptions
    from finetune.ranks import Ranks
    from finetune.run_folder import RunFolder

MICRO_BATCH = 4
"""Sequences that are in memory at once."""
WARMUP_SHARE = 0.1
COOLDOWN_SHARE = 0.7
_BEST_NAME = "best.safetensors"
EVALUATIONS = 6
"""So often the loss on the windows kept aside is measured in a run."""


@dataclass(frozen=True)
class Recipe:
    """What the plan has decided.

    Attributes:
        method: what is trained.
        steps: optimizer steps, at most.
        micro: sequences in memory at once.
        checkpointing: whether activations are computed twice to save memory.
    """

    method: Method
    steps: int
    micro: int = MICRO_BATCH
    checkpointing: bool = False


@dataclass(frozen=True)
class Training:
    """What a run did: the trained model, optimizer steps, seconds, and the model's losses."""

    model: Any
    steps: int
    seconds: float
    loss: float | None
    heldout_loss: float | None


class InterruptedTrainingError(InklingError):
    """Training was stopped by a signal."""


class _TellShare(TrainerCallback):
    """Tells the share of the training that is done after each step.

    Args:
        told: takes the share, 0 to 1.
        share_spent: the share of the time allowed that is spent.
    """

    def __init__(self, told: Callable[[float], None], share_spent: Callable[[], float]) -> None:
        self._told = told
        self._share_spent = share_spent

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._told(max(state.global_step / state.max_steps, self._share_spent()))


def train(
    base: Base,
    windows: np.ndarray,
    aside: np.ndarray,
    recipe: Recipe,
    options: FinetuneOptions,
    run: RunFolder,
    console: Console,
    told: Callable[[float], None],
    ranks: Ranks = ALONE,
) -> Training:
    """Train on `windows`, from the last save in `run` if there is one.

    Args:
        windows, aside: to train on, and to measure the loss on; shape (windows, window).
        told: takes the share that is done (0 to 1) after each step.
        ranks: processes that call this together, each for its share of every step.

    Raises:
        InterruptedTrainingError: by a signal; what was done is saved.
        InklingError: memory or disk ran out.
    """
    save = last_save(run.path)
    done = saved_step(save) if save else 0
    if save:
        console.print(f"Going on from step {done} of at most {recipe.steps}.")
    before = [row for row in RunLog.read(run.log) if row["step"] <= done]
    spent = sum(row.get("seconds", 0.0) for row in before)
    budget = Budget(options.budget_seconds, spent, options.save_minutes, ranks)
    shares = shares_of(options, recipe, len(windows), ranks.count)
    log = RunLog(run.log, shares.batch * windows.shape[1], console, budget.seconds_left)
    best_weights = run.path / STEPS_FOLDER / _BEST_NAME
    best = KeepBest(best_weights if ranks.leads else None)
    if save:
        best.go_on(best_weights)
    callbacks = [budget, best]
    if ranks.leads:
        callbacks += [log, _TellShare(told, budget.share_spent)]
    trainer = _trainer(base, windows, aside, recipe, options, run, shares, callbacks)
    with budget.listen(), _plain_shortages(), example_by_example(trainer.model):
        try:
            trainer.train(resume_from_checkpoint=str(save) if save else None)
        finally:
            log.close()
        reached = trainer.state.global_step
        if budget.stopped and reached < recipe.steps:
            raise InterruptedTrainingError(
                f"Training was interrupted at step {reached} of at most {recipe.steps}; "
                "everything up to it is saved.",
                "Run the same command again to go on.",
            )
        if len(aside):
            trainer.evaluate()  # the last weights count too
        best.restore(trainer.model)
        share = usual_blend(recipe.method) if options.blend is None else options.blend
        blend(trainer.model, recipe.method, base.folder, share)
        if len(aside):
            trainer.evaluate()
    losses = [row["loss"] for row in RunLog.read(run.log) if "loss" in row]
    return Training(trainer.model, reached, budget.spent, losses[-1] if losses else None, best.loss)


@contextmanager
def _plain_shortages() -> Iterator[None]:
    """Raise InklingError where memory runs out or a save can't be written."""
    try:
        yield
    except Exception as error:
        if is_out_of_memory(error):
            raise InklingError(
                "Memory ran out while training; everything up to the last save is kept.",
                "Run it again with a smaller --window or with --method lora.",
            ) from error
        if isinstance(error, OSError) or is_disk_full(error):
            reason = error.strerror if isinstance(error, OSError) else None
            raise InklingError(
                f"Training could not be saved: {reason or error}.",
                "Free some space there and run the same command again.",
            ) from error
        raise


@dataclass(frozen=True)
class Shares:
    """How a step's sequences are parted.

    Attributes:
        micro: in memory at once.
        accumulated: micro-batches of a process before the weights move.
        ranks: processes.
    """

    micro: int
    accumulated: int
    ranks: int

    @property
    def batch(self) -> int:
        """Sequences of one step."""
        return self.micro * self.accumulated * self.ranks


def shares_of(options: FinetuneOptions, recipe: Recipe, windows: int, ranks: int) -> Shares:
    """Part a step of `options.batch` sequences, or of as many as there are."""
    own = max(1, min(options.batch, windows) // ranks)
    micro = min(recipe.micro, own)
    return Shares(micro, own // micro, ranks)


def _trainer(
    base: Base,
    windows: np.ndarray,
    aside: np.ndarray,
    recipe: Recipe,
    options: FinetuneOptions,
    run: RunFolder,
    shares: Shares,
    callbacks: list[TrainerCallback],
) -> Trainer:
    model = load_for_training(
        base.folder, recipe.method, options.rank, recipe.checkpointing, options.dora
    )
    rate = options.learning_rate
    if rate is None:
        rate = usual_rate(recipe.method, model.config.hidden_size)
    optimizer = _optimizer(model, recipe.method, rate)
    budget = callbacks[0]
    assert isinstance(budget, Budget)

    def share(step: int) -> float:
        progress = round(recipe.steps * max(step / recipe.steps, budget.share_spent()))
        warmup = max(1, round(WARMUP_SHARE * recipe.steps))
        return learning_rate_share(progress, recipe.steps, warmup, COOLDOWN_SHARE)

    os.environ["TENSORBOARD_LOGGING_DIR"] = str(run.path / "tensorboard")
    trainer = Trainer(
        model=model,
        args=_arguments(run.path / STEPS_FOLDER, recipe.steps, shares, bool(len(aside))),
        train_dataset=PackedExamples(windows, base.sentinel_ids, options.loss == "middle"),
        eval_dataset=PackedExamples(aside, base.sentinel_ids, True) if len(aside) else None,
        optimizers=(optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, share)),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def usual_rate(method: Method, hidden: int) -> float:
    """A peak learning rate for a model of so many hidden values.

    Measured for all weights of 256 (docs/experiments.md); Adam's best rate falls with the width
    (Yang and Hu, "Tensor Programs V", arXiv 2203.03466), and Muon's updates here are as large.
    """
    return 2e-3 * min(1.0, 256 / hidden) if method is Method.FULL else 1e-3


def _optimizer(model: Any, method: Method, learning_rate: float) -> torch.optim.Optimizer:
    if method is Method.FULL:
        return build_optimizer(model, learning_rate, weight_decay=0.0)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(trained, learning_rate, weight_decay=0.0)


def _arguments(folder: Path, steps: int, shares: Shares, evaluates: bool) -> TrainingArguments:
    cuda = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=shares.micro,
        per_device_eval_batch_size=shares.micro,
        gradient_accumulation_steps=shares.accumulated,
        max_grad_norm=1.0,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        use_cpu=shares.ranks > 1 and not cuda,  # or accelerate would leave each process by itself
        eval_strategy="steps" if evaluates else "no",
        eval_steps=max(1, steps // EVALUATIONS),
        logging_steps=min(5, steps),
        save_strategy="no",
        save_total_limit=2,
        seed=SEED,
        data_seed=SEED,
        report_to=["tensorboard"],
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_drop_last=True,
        dataloader_pin_memory=cuda,
    )
