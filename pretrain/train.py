"""The training loop: `transformers.Trainer` over packed windows, on CPU or CUDA unchanged.

Resumes by itself from the last saved step of its output folder. Ctrl-C and SIGTERM save first.
"""

from __future__ import annotations

import shutil
import signal
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils import logging as transformers_logging

from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.data import DataOptions, PackedData, prepare_data
from pretrain.examples import ExampleOptions
from pretrain.model import ModelShape, build_model
from pretrain.muon import build_optimizer
from pretrain.run_log import RunLog
from pretrain.tokenizer import as_pretrained, sentinel_ids

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from rich.console import Console
    from transformers import Qwen3ForCausalLM

    from pretrain.options import PretrainOptions

IGNORED_LABEL = -100


class WindowDataset(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Packed windows as Trainer wants them: `input_ids` and `labels`, padding ignored."""

    def __init__(self, windows: np.ndarray, pad: int) -> None:
        self.windows = windows
        self.pad = pad

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        ids = torch.from_numpy(self.windows[index].astype(np.int64))
        return {"input_ids": ids, "labels": ids.masked_fill(ids == self.pad, IGNORED_LABEL)}


def learning_rate_share(step: int, steps: int, warmup: int, cooldown: float) -> float:
    """Warm-up, constant, then linear to zero (WSD): the share of the peak at `step` of `steps`."""
    if step < warmup:
        return (step + 1) / warmup
    falling = max(1, round(steps * cooldown))
    return min(1.0, max(0.0, (steps - step) / falling))


class _Interrupts(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Turns Ctrl-C and SIGTERM into "save, then stop" after the step at hand."""

    def __init__(self, save_minutes: float) -> None:
        self.stopped = False
        self._save_seconds = save_minutes * 60
        self._saved = time.monotonic()

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        due = time.monotonic() - self._saved >= self._save_seconds
        if self.stopped or due:
            control.should_save = True
            self._saved = time.monotonic()
        if self.stopped:
            control.should_training_stop = True


def pretrain(options: PretrainOptions, console: Console) -> Path:
    """Train, and write the finished checkpoint to `options.out/checkpoint`; returns that folder.

    Raises:
        InklingError: bad options or corpus, a run that was begun with another model shape, or an
            interruption (after which the same command goes on).
    """
    options.check()
    if options.threads:
        torch.set_num_threads(options.threads)
    transformers_logging.set_verbosity_error()
    data = prepare_data(options.corpus, options.out / "data", _data_options(options), console)
    ids = sentinel_ids(data.tokenizer)
    shape = ModelShape(options.layers, options.hidden, options.feed_forward, options.window)
    model = build_model(shape, data.tokenizer.get_vocab_size(), ids, options.seed)
    steps = options.tokens // options.batch_tokens
    trainer, interrupts = _build_trainer(options, data, model, steps, console)
    resume = (
        get_last_checkpoint(options.out / "steps") if (options.out / "steps").exists() else None
    )
    if resume is not None:
        console.print(f"Going on from step {resume.rsplit('-', 1)[-1]} of {steps}.")
    interrupts.listen()
    try:
        trainer.train(resume_from_checkpoint=resume)
    except (RuntimeError, ValueError) as error:
        if resume is None:
            raise
        raise InklingError(
            f"The run in {options.out} can't go on: {error}.",
            "Use the options that it was begun with, or another --out folder.",
        ) from error
    if interrupts.stopped:
        raise InklingError(
            f"Training was interrupted at step {trainer.state.global_step} of {steps}; "
            "everything up to it is saved.",
            "Run the same command again to go on.",
        )
    return _finish(options, data, model, trainer)


def _data_options(options: PretrainOptions) -> DataOptions:
    return DataOptions(
        vocabulary=options.vocabulary,
        tokens=options.prepare_tokens or options.tokens,
        max_epochs=options.max_epochs,
        seed=options.seed,
        examples=ExampleOptions(window=options.window),
    )


def _can_compile() -> bool:
    return torch.cuda.is_available() or any(map(shutil.which, ("g++", "clang++", "c++")))


def _build_trainer(
    options: PretrainOptions,
    data: PackedData,
    model: Qwen3ForCausalLM,
    steps: int,
    console: Console,
) -> tuple[Trainer, _Interrupts]:
    pad = sentinel_ids(data.tokenizer)[Sentinel.PAD]
    sequences = options.batch_tokens // options.window
    micro = min(options.micro_batch, sequences)
    cuda = torch.cuda.is_available()
    arguments = TrainingArguments(
        output_dir=str(options.out / "steps"),
        max_steps=steps,
        per_device_train_batch_size=micro,
        per_device_eval_batch_size=micro,
        gradient_accumulation_steps=sequences // micro,
        max_grad_norm=1.0,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        tf32=True if cuda else None,
        torch_compile=options.compile and _can_compile(),
        eval_strategy="steps" if len(data.heldout) else "no",
        eval_steps=options.evaluate_steps,
        logging_steps=min(10, steps),
        save_strategy="no",
        save_total_limit=2,
        seed=options.seed,
        data_seed=options.seed,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_drop_last=True,
        dataloader_pin_memory=cuda,
    )
    optimizer = build_optimizer(model, options.learning_rate, options.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: learning_rate_share(step, steps, options.warmup_steps, options.cooldown),
    )
    interrupts = _Interrupts(options.save_minutes)
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=WindowDataset(data.train, pad),
        eval_dataset=WindowDataset(data.heldout, pad) if len(data.heldout) else None,
        optimizers=(optimizer, schedule),
        callbacks=[
            interrupts,
            RunLog(options.out / "log.jsonl", options.batch_tokens, console),
        ],
    )
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    return trainer, interrupts


def _finish(
    options: PretrainOptions, data: PackedData, model: Qwen3ForCausalLM, trainer: Trainer
) -> Path:
    """Write the Hugging Face folder; `training.json` comes last and marks it as finished."""
    from pretrain.model_card import write_model_card

    folder = options.out / "checkpoint"
    model.save_pretrained(folder)
    as_pretrained(data.tokenizer).save_pretrained(folder)
    data.tokenizer.save(str(folder / "tokenizer.json"))
    log = RunLog.read(options.out / "log.jsonl")
    manifest = CheckpointManifest(
        name=options.name,
        context_size=options.window,
        languages=["python"],
        corpus=data.manifest["corpus"],
        training={
            "options": {key: str(value) for key, value in asdict(options).items()},
            "parameters": model.num_parameters(),
            "steps": trainer.state.global_step,
            "tokens": trainer.state.global_step * options.batch_tokens,
            "hours": sum(row.get("seconds", 0.0) for row in log) / 3600,
            "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
            "data": {k: v for k, v in data.manifest.items() if k not in ("options", "version")},
            "loss": [row["loss"] for row in log if "loss" in row][-1:],
            "heldout_loss": [row["eval_loss"] for row in log if "eval_loss" in row][-1:],
        },
    )
    write_model_card(folder, manifest, log)
    write_checkpoint_manifest(folder, manifest)
    return folder
