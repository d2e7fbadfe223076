"""The training loop: `transformers.Trainer` over packed windows, on CPU or CUDA unchanged.

Resumes by itself from the last whole save of its output folder. Ctrl-C and SIGTERM save first; a
second one stops at once.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import Trainer, TrainerCallback, TrainingArguments

from curation.corpus import manifest_hash
from inkling.atomic import atomic_folder
from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from inkling.errors import InklingError
from inkling.layout import Sentinel
from pretrain.allocation import keep_freed_memory
from pretrain.data import DataOptions, PackedData, prepare_data
from pretrain.examples import ExampleOptions
from pretrain.interrupts import Interrupts
from pretrain.model import ModelShape, build_model
from pretrain.muon import build_optimizer
from pretrain.quiet import quiet_transformers
from pretrain.resume import (
    CHECKPOINT_FOLDER,
    STEPS_FOLDER,
    begin_or_resume,
    is_finished,
    saved_step,
)
from pretrain.run_log import RunLog
from pretrain.tokenizer import as_pretrained, sentinel_ids

if TYPE_CHECKING:
    from pathlib import Path

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
    rising = (step + 1) / warmup if step < warmup else 1.0
    falling = (steps - step) / max(1, round(steps * cooldown))
    return min(rising, 1.0, max(0.0, falling))


def pretrain(options: PretrainOptions, console: Console) -> Path:
    """Train, and write the finished checkpoint to `options.out/checkpoint`; returns that folder.

    Raises:
        InklingError: bad options or corpus, a run that was begun with another corpus or model
            shape, or an interruption (after which the same command goes on).
    """
    options.check()
    shape = ModelShape(options.layers, options.hidden, options.feed_forward, options.window)
    shape.check()
    corpus_hash = manifest_hash(options.corpus)
    if is_finished(options, _described(options), corpus_hash):
        console.print("The run is finished already.")
        return options.out / CHECKPOINT_FOLDER
    resume = begin_or_resume(options, corpus_hash)
    keep_freed_memory()
    if options.threads:
        torch.set_num_threads(options.threads)
    quiet_transformers()
    data = prepare_data(options.corpus, options.out / "data", _data_options(options), console)
    sequences = options.batch_tokens // options.window
    if len(data.train) < sequences:
        raise InklingError(
            f"The corpus fills {len(data.train)} windows of {options.window} tokens; "
            f"a step takes {sequences}.",
            "Curate more source code, or lower --batch-tokens.",
        )
    ids = sentinel_ids(data.tokenizer)
    model = build_model(shape, data.tokenizer.get_vocab_size(), ids, options.seed)
    steps = options.tokens // options.batch_tokens
    interrupts = Interrupts(options.save_minutes)
    log = RunLog(options.out / "log.jsonl", options.batch_tokens, console)
    trainer = _build_trainer(options, data, model, steps, [interrupts, log])
    if resume is not None:
        console.print(f"Going on from step {saved_step(resume)} of {steps}.")
    with interrupts.listen():
        try:
            trainer.train(resume_from_checkpoint=str(resume) if resume else None)
        finally:
            log.close()
    if interrupts.stopped and trainer.state.global_step < steps:
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
        examples=ExampleOptions(window=options.window, mix=options.fim),
    )


def _can_compile() -> bool:
    return torch.cuda.is_available() or any(map(shutil.which, ("g++", "clang++", "c++")))


def _build_trainer(
    options: PretrainOptions,
    data: PackedData,
    model: Qwen3ForCausalLM,
    steps: int,
    callbacks: list[TrainerCallback],
) -> Trainer:
    pad = sentinel_ids(data.tokenizer)[Sentinel.PAD]
    sequences = options.batch_tokens // options.window
    micro = min(options.micro_batch, sequences)
    cuda = torch.cuda.is_available()
    arguments = TrainingArguments(
        output_dir=str(options.out / STEPS_FOLDER),
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
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=WindowDataset(data.train, pad),
        eval_dataset=WindowDataset(data.heldout, pad) if len(data.heldout) else None,
        optimizers=(optimizer, schedule),
        callbacks=callbacks,
    )
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    return trainer


def _described(options: PretrainOptions) -> dict[str, str]:
    """The options as the checkpoint's manifest holds them."""
    return {key: str(value) for key, value in asdict(options).items()}


def _finish(
    options: PretrainOptions, data: PackedData, model: Qwen3ForCausalLM, trainer: Trainer
) -> Path:
    """Write the Hugging Face folder, whole or not at all."""
    from pretrain.model_card import write_model_card

    log = RunLog.read(options.out / "log.jsonl")
    manifest = CheckpointManifest(
        name=options.name,
        context_size=options.window,
        languages=list(data.manifest.get("languages", ["python"])),
        corpus=data.manifest["corpus"],
        training={
            "options": _described(options),
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
    folder = options.out / CHECKPOINT_FOLDER
    with atomic_folder(folder) as building:
        model.save_pretrained(building)
        as_pretrained(data.tokenizer).save_pretrained(building)
        data.tokenizer.save(str(building / "tokenizer.json"))
        write_model_card(building, manifest, log)
        write_checkpoint_manifest(building, manifest)
    return folder
