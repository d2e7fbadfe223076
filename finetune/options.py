"""The options of a fine-tuning run; they are the command line too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations
from typing import Annotated, Literal

import tyro

from finetune.hub import check_name
from inkling.errors import InklingError

DEFAULT_MINUTES = 10.0
Stage = Literal["curate", "plan", "train", "export", "prove", "install"]
STAGES: tuple[Stage, ...] = ("curate", "plan", "train", "export", "prove", "install")


@dataclass(frozen=True)
class FinetuneOptions:
    """Adapt a model to your repositories; install it only if it does better on your latest commits.

    The newest commits are kept out of training. Base and tuned model then fill in the lines that
    those commits added, each alone and with the repository's memory; what isn't proven better is
    not installed. The same command again goes on where it was stopped. Exit status: 0 the tuned
    model is better and installed, 1 nothing was installed, 2 the run could not be made.

    In place of a repository: 'watch' (again whenever there are new commits), 'prefer' (from the
    interaction log), 'instruct' (from pairs); each has its own --help.
    """

    repos: Annotated[tuple[str, ...], tyro.conf.Positional]
    """Git checkouts, folders or git addresses to learn."""
    base: str | None = None
    """Checkpoint, bundle or Hugging Face folder (Qwen3, Qwen2 or Llama with fill-in-the-middle) to
    start from, or OWNER/NAME on the hub (default: the starter model)."""
    out: Path | None = None
    """Folder of the run (default: finetune/NAME under INKLING_HOME)."""
    name: str | None = None
    """Name of the tuned model (default: the repository's, with '-personal')."""
    minutes: float | None = None
    """Train so long at most (default: 10, if no --steps are given)."""
    steps: int | None = None
    """Train so many optimizer steps instead."""
    until: Stage = "install"
    """Stop after this part: curate, plan, train, export, prove or install; a later run goes on."""
    yes: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Begin without asking."""
    force: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Install the tuned model even if it isn't proven better."""
    push: str | None = None
    """Upload what is installed to OWNER/NAME on the hub, too (a new repository is private)."""
    progress_file: Path | None = None
    """Keep a file that says how far the run is, as JSON, for a program that shows it."""
    allow_secrets: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Learn a repository although secrets were found in many of its files (they are replaced)."""

    method: Literal["auto", "full", "lora", "qlora"] = "auto"
    """What to train: all weights, an adapter, or an adapter on a 4-bit base."""
    rank: int = 16
    """Rank of an adapter."""
    dora: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Let an adapter learn length and direction of the weights apart (DoRA). GGUF has no adapters
    of this kind, so the result is the whole model only."""
    loss: Literal["all", "middle"] = "all"
    """Learn from all tokens, or from the middles of holes only."""
    learning_rate: float | None = None
    """Peak learning rate (default: 2e-3 for all weights of a model as wide as the starter, less in
    proportion for wider ones; 1e-3 for an adapter)."""
    blend: float | None = None
    """Share of the tuned weights in the result, the base's being the rest (default: 0.7 where all
    weights are trained, 1 for an adapter)."""
    epochs: int = 8
    """Passes over the repository, at most when --minutes decide; each cuts other holes."""
    window: int = 1024
    """Tokens of one training sequence; never more than the base was trained on."""
    batch: int = 4
    """Sequences of one optimizer step."""
    hunk_share: float = 0.5
    """Share of the holes that are cut where commits changed something, recent ones more often."""
    past_share: float = 0.5
    """Share of the training data that is what earlier commits typed, in the files as they were."""
    replay_share: float = 0.1
    """Share of generic code in the training data, against forgetting."""
    base_corpus: Path | None = None
    """Corpus of the base: replayed, measured for forgetting, and compared with what is held out
    (default: this Python's standard library, without the comparison)."""
    base_loss_limit: float = 6.0
    """Files that the base finds less likely than this (nats a token) are not learned."""
    holes: int = 1000
    """Places that the proof asks for, about."""
    save_minutes: float = 2.0
    """Minutes between saves to resume from."""

    @property
    def budget_seconds(self) -> float | None:
        """Training time that the user allows; None if steps decide."""
        if self.steps is not None:
            return None
        return 60 * (DEFAULT_MINUTES if self.minutes is None else self.minutes)

    def reaches(self, stage: Stage) -> bool:
        """Whether the run is to do `stage`."""
        return STAGES.index(stage) <= STAGES.index(self.until)

    def check(self) -> None:
        """Raise InklingError for values that can't be trained with."""
        if not self.repos:
            raise InklingError("No repository is named.", "Name one or more to learn.")
        if self.steps is not None and self.minutes is not None:
            raise InklingError("Both --steps and --minutes are given.", "Give one of them.")
        if self.push is not None:
            check_name(self.push)
        if self.dora and self.method not in ("lora", "qlora"):
            raise InklingError("--dora is for adapters.", "Add --method lora or --method qlora.")
        if self.dora and self.blend not in (None, 1):
            raise InklingError(
                "An adapter of --dora can't be blended, since it turns the weights, too.",
                "Leave --blend out.",
            )
        least = {
            "minutes": 0.01,
            "steps": 1,
            "epochs": 1,
            "batch": 1,
            "window": 128,
            "rank": 1,
            "holes": 2,
            "learning_rate": 0,
            "blend": 0,
            "past_share": 0,
            "replay_share": 0,
            "hunk_share": 0,
            "base_loss_limit": 0,
        }
        for name, value in least.items():
            given = getattr(self, name)
            if given is not None and not given >= value:
                flag = name.replace("_", "-")
                raise InklingError(f"--{flag} is {given}.", f"Give it {value} or more.")
        for name in ("past_share", "replay_share", "hunk_share", "blend"):
            if (getattr(self, name) or 0) > 1:
                flag = name.replace("_", "-")
                raise InklingError(f"--{flag} is {getattr(self, name)}.", "Give it 1 or less.")
