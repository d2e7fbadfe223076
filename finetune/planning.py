"""The plan before the start: what is trained, and what it costs in memory, time and disk.

Memory is counted: weights, gradients, optimizer state, and the activations of the sequences that
are in memory at once. Time comes from a probe of a few steps; where memory runs out in it, the next
smaller recipe is taken.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import torch

from finetune.adapters import Method, load_for_training
from finetune.out_of_room import is_out_of_memory
from finetune.packed_attention import example_by_example
from finetune.train import MICRO_BATCH, Recipe, shares_of
from finetune.windows import PackedExamples
from inkling.errors import InklingError

if TYPE_CHECKING:
    import numpy as np

    from finetune.base import Base
    from finetune.options import FinetuneOptions
    from finetune.train import Shares

FULL_UP_TO = 200_000_000
"""Parameters up to which all weights are trained; larger models get an adapter."""
_CONTROL_GROUP = Path("/sys/fs/cgroup")
_FLOAT = 4
_SAVES = 2
_PROBE_BATCHES = 2
_LOGITS_COPIES = 5
"""Scores, their float32 form, log-probabilities, and the gradients of both."""
_PROCESS_BYTES = 600_000_000
"""Of a Python process with torch and transformers, before any model."""
_ACTIVATIONS_A_LAYER = 34
"""Bytes a token, in units of the hidden size: Korthikanti et al. 2022 count 34 in half precision
without attention scores; float32 doubles it."""


@dataclass(frozen=True)
class Size:
    """Sizes of a model, from its `config.json`."""

    parameters: int
    layers: int
    hidden: int
    vocabulary: int
    heads: int


@dataclass(frozen=True)
class Cost:
    """Bytes of memory and of disk, and seconds a step takes (None: not probed)."""

    memory: int
    disk: int
    seconds_a_step: float | None = None


def size_of(folder: Path) -> Size:
    """Sizes of the model in a checkpoint folder."""
    config = json.loads((folder / "config.json").read_bytes())
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    width = 2 if config.get("dtype", config.get("torch_dtype")) in ("bfloat16", "float16") else 4
    return Size(
        stored // width,
        config["num_hidden_layers"],
        config["hidden_size"],
        config["vocab_size"],
        config["num_attention_heads"],
    )


def memory_of(size: Size, recipe: Recipe, window: int, rank: int) -> int:
    """Bytes that training needs at its peak."""
    adapter = _adapter_parameters(size, rank)
    weights = size.parameters * (_FLOAT if recipe.method is not Method.QLORA else 0.6)
    trained = size.parameters if recipe.method is Method.FULL else adapter
    # Gradients, and two moments of AdamW (Muon keeps one).
    state = trained * _FLOAT * 3
    tokens = recipe.micro * window
    layers = 1 if recipe.checkpointing else size.layers
    activations = tokens * size.hidden * layers * _ACTIVATIONS_A_LAYER * 2
    scores = recipe.micro * size.heads * window * window * _FLOAT * layers
    kept = tokens * size.hidden * _FLOAT * size.layers if recipe.checkpointing else 0
    logits = tokens * size.vocabulary * _FLOAT * _LOGITS_COPIES
    process = 0 if torch.cuda.is_available() else _PROCESS_BYTES
    return int(weights + state + activations + scores + kept + logits + process)


def _adapter_parameters(size: Size, rank: int) -> int:
    """About: two thin matrices at each of seven linear layers."""
    return 2 * rank * size.hidden * 7 * size.layers


def choose_recipe(
    options: FinetuneOptions, size: Size, window: int, steps: int, available: int
) -> Recipe:
    """The cheapest change that fits: full weights if small, else an adapter, else 4 bits.

    Args:
        available: bytes of memory that may be used.

    Raises:
        InklingError: nothing fits.
    """
    if options.method == "auto":
        small = size.parameters <= FULL_UP_TO
        methods = [Method.FULL, Method.LORA] if small else [Method.LORA, Method.QLORA]
    else:
        methods = [Method(options.method)]
    for method in methods:
        for micro, checkpointing in ((MICRO_BATCH, False), (1, False), (1, True)):
            recipe = Recipe(method, steps, micro, checkpointing)
            if memory_of(size, recipe, window, options.rank) <= available:
                return recipe
    needed = memory_of(size, recipe, window, options.rank)
    raise InklingError(
        f"Training needs about {needed / 1e9:.1f} GB of memory, "
        f"and {available / 1e9:.1f} GB are free.",
        "Choose a smaller base or --window, or --method qlora.",
    )


def check_memory(base: Base, options: FinetuneOptions) -> None:
    """Raise InklingError if the base can't even be measured, or nothing that trains it fits."""
    size, available = size_of(base.folder), available_memory()
    needed = size.parameters * _FLOAT + _PROCESS_BYTES
    if not torch.cuda.is_available() and needed > available:
        raise InklingError(
            f"The base takes {needed / 1e9:.1f} GB of memory, and {available / 1e9:.1f} GB are "
            "free.",
            "Choose a smaller base.",
        )
    choose_recipe(options, size, min(options.window, base.manifest.context_size), 1, available)


def plan(
    base: Base,
    windows: np.ndarray,
    options: FinetuneOptions,
    steps: int,
    folder: Path,
    ranks: int | None,
) -> tuple[Recipe, Cost]:
    """The recipe for `windows`, of shape (windows, window), and what it costs.

    Args:
        folder: of the run, for what the disk has room for.
        ranks: processes that train together; None if there is nothing to probe for.

    Raises:
        InklingError: memory or disk are too small.
    """
    size, window = size_of(base.folder), windows.shape[1]
    available = available_memory()
    while True:
        recipe = choose_recipe(options, size, window, steps, available)
        cost = cost_of(size, recipe, window, options.rank)
        check_disk(folder, cost)
        if ranks is None:
            return recipe, cost
        try:
            return recipe, probe(base, windows, recipe, options,
                                 shares_of(options, recipe, len(windows), ranks), cost)  # fmt: skip
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        available = min(available, cost.memory) - 1


def cost_of(size: Size, recipe: Recipe, window: int, rank: int) -> Cost:
    """Memory and disk; a save holds what is trained and the optimizer's state, and the best of what
    is trained lies beside the saves."""
    full = recipe.method is Method.FULL
    trained = size.parameters if full else _adapter_parameters(size, rank)
    disk = (_SAVES * 3 + 1) * trained * _FLOAT + 3 * size.parameters * _FLOAT
    return Cost(memory_of(size, recipe, window, rank), disk)


def probe(
    base: Base,
    windows: np.ndarray,
    recipe: Recipe,
    options: FinetuneOptions,
    shares: Shares,
    cost: Cost,
) -> Cost:
    """The cost with the time of a step, from two micro-batches forward and backward."""
    model: Any = load_for_training(
        base.folder, recipe.method, options.rank, recipe.checkpointing, options.dora
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device).train()
    dataset = PackedExamples(windows, base.sentinel_ids)
    times = []
    with example_by_example(model):
        for _ in range(_PROBE_BATCHES):
            began = time.perf_counter()
            rows = [dataset[number % len(dataset)] for number in range(shares.micro)]
            inputs = {key: torch.stack([row[key] for row in rows]).to(device) for key in rows[0]}
            model(**inputs).loss.backward()
            times.append(time.perf_counter() - began)
    return replace(cost, seconds_a_step=times[-1] * shares.accumulated)


def check_disk(folder: Path, cost: Cost) -> None:
    """Raise InklingError if the run won't fit on the disk of `folder`."""
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    free = shutil.disk_usage(existing).free
    if free < cost.disk:
        raise InklingError(
            f"The run needs {cost.disk / 1e6:.0f} MB of disk, and {free / 1e6:.0f} MB are free.",
            "Free some space, or name a folder on another disk with --out.",
        )


def available_memory(group: Path = _CONTROL_GROUP) -> int:
    """Bytes that are free on the GPU, or on this machine and in the container that this runs in.

    Args:
        group: of Linux, with the container's limit; need not exist.
    """
    if torch.cuda.is_available():
        torch.cuda.empty_cache()  # what measuring the base took counts as free
        return int(torch.cuda.mem_get_info()[0])
    free = int(psutil.virtual_memory().available)
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        rows = (line.split() for line in (group / "memory.stat").read_text().splitlines())
        cached = int(dict(rows).get("inactive_file", 0))
    except (OSError, ValueError):  # no such group, or no limit ("max")
        return free
    return min(free, max(0, limit - used + cached))
