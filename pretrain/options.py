"""The options of a pretraining run; they are the command line too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from inkling.errors import InklingError
from pretrain.fim import FimMix

MAX_VOCABULARY = 65_536
"""Token ids are stored in 16 bits."""
_AT_LEAST = {
    "layers": 1,
    "window": 1,
    "batch_tokens": 1,
    "micro_batch": 1,
    "max_epochs": 1,
    "evaluate_steps": 1,
    "prepare_tokens": 0,
    "learning_rate": 0,
    "weight_decay": 0,
    "warmup_steps": 0,
    "save_minutes": 0,
    "seed": 0,
    "threads": 0,
}


@dataclass(frozen=True)
class PretrainOptions:
    """Train a tokenizer and a base model on a corpus. Run it again to go on after a stop."""

    corpus: Annotated[Path, tyro.conf.arg(prefix_name=False)] = Path("corpora/corpus")
    """Corpus folder, as 'python -m curation run' wrote it."""
    out: Path = Path("runs/base")
    """Folder of the run; the finished checkpoint is its subfolder 'checkpoint'."""
    name: str = "inkling-base"
    """Name of the model."""
    tokens: int = 10_000_000
    """Tokens to train on. A run that is resumed with fewer starts its cool-down accordingly."""
    prepare_tokens: int = 0
    """Tokens to tokenize and pack (0: as many as are trained on)."""
    max_epochs: int = 4
    """Passes over the corpus at most; each cuts other holes."""
    vocabulary: int = 8192
    """Entries of the tokenizer."""
    layers: int = 4
    """Transformer blocks."""
    hidden: int = 256
    """Width of the model; a multiple of 256."""
    feed_forward: int = 768
    """Width of the feed-forward layers; a multiple of 256."""
    window: int = 1024
    """Tokens of one training sequence."""
    batch_tokens: int = 8192
    """Tokens of one optimizer step."""
    micro_batch: int = 4
    """Sequences that are in memory at once, on each device."""
    learning_rate: float = 4e-3
    """Peak learning rate of both Muon and AdamW."""
    weight_decay: float = 0.1
    """Decoupled weight decay of the hidden matrices."""
    warmup_steps: int = 40
    """Steps of linear warm-up."""
    cooldown: float = 0.5
    """Share of the steps, at the end, over which the learning rate falls linearly to zero."""
    save_minutes: float = 5.0
    """Minutes between checkpoints to resume from."""
    evaluate_steps: int = 100
    """Steps between measurements of the held-out loss."""
    compile: bool = True
    """Use torch.compile where a C++ compiler (CPU) or CUDA is at hand."""
    fim: FimMix = FimMix()  # noqa: RUF009  # frozen
    """Which holes are cut."""
    seed: int = 1
    """Of the document order, the initial weights and the batches."""
    threads: int = 0
    """CPU threads; 0 takes one a core."""

    def check(self) -> None:
        """Raise InklingError for values that can't be trained with."""
        self.fim.check()
        for name, least in _AT_LEAST.items():
            if not getattr(self, name) >= least:
                raise InklingError(
                    f"--{name.replace('_', '-')} is {getattr(self, name)}.",
                    f"Choose {least} or more.",
                )
        if self.vocabulary > MAX_VOCABULARY:
            raise InklingError(
                f"A vocabulary of {self.vocabulary} entries is too large.",
                f"Choose at most {MAX_VOCABULARY}.",
            )
        sequences, rest = divmod(self.batch_tokens, self.window)
        if sequences < 1 or rest or sequences % min(self.micro_batch, sequences):
            raise InklingError(
                f"A step of {self.batch_tokens} tokens is no multiple of {self.micro_batch} "
                f"sequences of {self.window} tokens.",
                "Choose --batch-tokens as a multiple of --micro-batch times --window.",
            )
        if self.tokens < self.batch_tokens:
            raise InklingError(
                f"{self.tokens} tokens are less than one step of {self.batch_tokens}.",
                "Raise --tokens or lower --batch-tokens.",
            )
        if not 0 <= self.cooldown <= 1:
            raise InklingError(
                f"The cool-down is {self.cooldown} of the run.", "Choose a share from 0 to 1."
            )
