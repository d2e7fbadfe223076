"""A tiny real model for tests: a Qwen3 of two layers that learns one short program by heart.

It takes some seconds to train, writes recognisable text in that program's surroundings and ends
most middles, which is all that tests of the engine, the server and the export need. Its exact
words may differ between machines, so no test should rely on them. Heavy libraries are imported only
inside the functions, so collecting tests costs nothing.
"""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkling.checkpoint import CheckpointManifest, write_checkpoint_manifest
from inkling.layout import (
    FimContext,
    Sentinel,
    document_segments,
    encode_segments,
    fim_example_segments,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

VOCABULARY = 1024
WINDOW = 128
CONTEXT_SIZE = 2048
BATCH = 4
STEPS = 100
LEARNING_RATE = 1.5e-3

LESSON = """\
import os
import sys


def add(left, right):
    return left + right


def subtract(left, right):
    return left - right


class Account:
    def __init__(self, owner, balance):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount
        return self.balance

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError("not enough")
        self.balance -= amount
        return self.balance


def main():
    account = Account("Ada", 100)
    for amount in range(10):
        account.deposit(amount)
    print(account.owner, account.balance)


if __name__ == "__main__":
    main()
"""
"""All that the tiny model knows: with it as surroundings, completions are recognisable."""


def library_sources(limit: int) -> list[tuple[str, str]]:
    """(name, text) of standard-library files, in order of name, of about `limit` characters."""
    found: list[tuple[str, str]] = []
    total = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if total >= limit:
            break
        text = path.read_bytes().decode("utf-8", "replace")
        found.append((path.name, text))
        total += len(text)
    return found


def build_tiny_checkpoint(folder: Path, *, steps: int = STEPS) -> Path:
    """Train the tiny model and write it to `folder` as `pretrain` would; deterministic."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from pretrain.tokenizer import as_pretrained, train_tokenizer

    sources = library_sources(1_000_000)
    tokenizer = train_tokenizer((text for _, text in sources), VOCABULARY)
    end = tokenizer.token_to_id(Sentinel.END.value)
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=256,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=64,
            max_position_embeddings=CONTEXT_SIZE,
            tie_word_embeddings=True,
            bos_token_id=end,
            eos_token_id=end,
            pad_token_id=tokenizer.token_to_id(Sentinel.PAD.value),
        )
    )
    loss = _train(model, _windows(tokenizer), steps)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    as_pretrained(tokenizer).save_pretrained(folder)
    write_checkpoint_manifest(
        folder,
        CheckpointManifest(
            name="tiny",
            context_size=CONTEXT_SIZE,
            languages=["python"],
            corpus="0" * 64,
            training={"steps": steps, "loss": loss},
        ),
    )
    return folder


def _windows(tokenizer: Any) -> Iterator[list[int]]:
    """Endless windows of `WINDOW` ids: short holes in `LESSON`, and some plain text."""
    from pretrain.tokenizer import sentinel_ids

    generator = random.Random(0)
    ids = sentinel_ids(tokenizer)
    lines = LESSON.splitlines(keepends=True)

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    pending: list[int] = []
    while True:
        row = generator.randrange(len(lines))
        hole = lines[row].rstrip("\n")
        above, below = lines[max(0, row - generator.randrange(8)) : row], lines[row + 1 : row + 4]
        cut = generator.randrange(len(hole) + 1)
        if generator.random() < 0.2:
            segments = document_segments("".join([*above, lines[row]]), path="lesson.py")
        else:
            context = FimContext(
                "".join(above), hole[:cut], "\n" + "".join(below), path="lesson.py"
            )
            segments = fim_example_segments(context, hole[cut:])
        pending += encode_segments(segments, encode, ids)
        while len(pending) >= WINDOW:
            yield pending[:WINDOW]
            del pending[:WINDOW]


def _train(model: torch.nn.Module, windows: Iterator[list[int]], steps: int) -> float:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # at this size more threads only wait for each other
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=max(steps, 1)
    )
    model.train()
    loss = float("nan")
    for _ in range(steps):
        batch = torch.tensor([next(windows) for _ in range(BATCH)])
        result = model(input_ids=batch, labels=batch)
        optimizer.zero_grad()
        result.loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        loss = float(result.loss.detach())
    model.eval()
    torch.set_num_threads(threads)
    return loss
