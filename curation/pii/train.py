"""Training of the small tagger: tokenizer, samples, some minutes of AdamW, export to ONNX.

The folder that comes out is what `classifier.load_classifier` reads, and what `transformers` would
write for a token classifier. The same corpus, options and machine give the same folder.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from curation.corpus import TRAIN
from curation.pii.classifier import (
    CONFIG,
    LEAST_SCORES,
    MODEL,
    TOKENIZER,
    TokenClassifier,
    load_classifier,
)
from curation.pii.forms import draw_template
from curation.pii.heldout import draw_documents
from curation.pii.labels import IGNORED, LABELS, label_tokens
from curation.pii.mined import mine_templates
from curation.pii.model import Tagger, TaggerConfig, export_onnx
from curation.pii.samples import Sample, code_words, samples
from curation.pii.templates import VALIDATION
from curation.pii.thresholds import least_scores
from curation.pii.values import TRAIN_LOCALES, VALIDATION_LOCALES, Values
from inkling.atomic import atomic_folder, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

_WINDOW = 256
_TOKENIZER_SAMPLES = 4_000
_WORD_DOCUMENTS = 300
_WARMUP = 0.05
_SET_ASIDE = 20
"""One document in so many is set aside for validation."""


@dataclass(frozen=True)
class TaggerTraining:
    """How the tagger is trained.

    Attributes:
        minutes: at most so long; the rate falls to nothing over this time or over `steps`.
        steps: at most so many batches.
        batch: samples a step.
        rate: highest learning rate.
        documents: at most so many of the corpus, drawn by `seed`.
        validation_samples: on how many samples the least scores are set.
    """

    minutes: float = 10.0
    steps: int = 3_000
    batch: int = 32
    rate: float = 3e-3
    documents: int = 8_000
    seed: int = 7
    validation_samples: int = 4_000


def train_tagger(corpus: Path, out: Path, options: TaggerTraining, console: Console) -> None:
    """Train on a corpus and write the classifier's folder.

    Raises:
        InklingError: the corpus isn't there or holds no document to train on.
    """
    documents = draw_documents(corpus, TRAIN, options.documents, options.seed)
    set_aside = documents[: max(1, len(documents) // _SET_ASIDE)]
    documents = documents[len(set_aside) :] or documents
    words = code_words(documents[:_WORD_DOCUMENTS])
    values = Values(TRAIN_LOCALES, options.seed)
    mined = mine_templates(documents)
    console.print(f"{len(documents):,} documents, {len(mined):,} templates mined from them.")
    drawn = samples(documents, partial(draw_template, mined=mined), values, words, options.seed)
    tokenizer = train_tokenizer(islice(drawn, _TOKENIZER_SAMPLES))
    torch.manual_seed(options.seed)
    model = Tagger(TaggerConfig(tokenizer.get_vocab_size(), len(LABELS)))
    _fit(model, tokenizer, drawn, options, console)
    with atomic_folder(out) as building:
        export_onnx(model, building / MODEL)
        tokenizer.save(str(building / TOKENIZER))
        write_json(building / CONFIG, _config(tokenizer))
        least = _tune(load_classifier(building), set_aside, words, options)
        console.print(f"Least scores: {least}.")
        write_json(building / CONFIG, _config(tokenizer) | {LEAST_SCORES: least})


def _tune(
    classifier: TokenClassifier, documents: list[str], words: list[str], options: TaggerTraining
) -> dict[str, float]:
    """Least scores by class, set on samples for validation."""
    values = Values(VALIDATION_LOCALES, options.seed + 1)
    drawn = samples(documents, lambda rng: rng.choice(VALIDATION), values, words, options.seed + 1)
    return least_scores(
        (sample, classifier.find(sample.text))
        for sample in islice(drawn, options.validation_samples)
    )


def train_tokenizer(drawn: Iterator[Sample]) -> Any:
    """A byte-level BPE that never joins a quote or bracket with what stands beside it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"""["'`<>(){}\[\],;:=/@]"""), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TaggerConfig.vocabulary,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((sample.text for sample in drawn), trainer)
    return tokenizer


def _config(tokenizer: Any) -> dict[str, Any]:
    return {
        "architectures": ["InklingTagger"],
        "id2label": {str(number): name for number, name in enumerate(LABELS)},
        "label2id": {name: number for number, name in enumerate(LABELS)},
        "max_position_embeddings": 512,
        "vocab_size": tokenizer.get_vocab_size(),
    }


def _batch(drawn: list[Sample], tokenizer: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and labels, each of shape (samples, longest)."""
    encodings = [tokenizer.encode(sample.text) for sample in drawn]
    longest = min(_WINDOW, max(len(encoding.ids) for encoding in encodings))
    ids = np.zeros((len(drawn), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    labels = np.full_like(ids, IGNORED)
    for row, (sample, encoding) in enumerate(zip(drawn, encodings, strict=True)):
        size = min(longest, len(encoding.ids))
        ids[row, :size] = encoding.ids[:size]
        mask[row, :size] = 1
        labels[row, :size] = label_tokens(
            encoding.offsets[:size], list(sample.spans), list(sample.doubtful)
        )
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(labels)


def _fit(
    model: Tagger,
    tokenizer: Any,
    drawn: Iterator[Sample],
    options: TaggerTraining,
    console: Console,
) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, weight_decay=0.01)
    loss_of = torch.nn.CrossEntropyLoss(ignore_index=IGNORED)
    model.train()
    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    mean = 0.0
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("training the tagger", total=1.0)
        for step in range(options.steps):
            minutes = (time.monotonic() - started) / 60
            done = max(step / options.steps, minutes / options.minutes)
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = options.rate * min(1.0, done / _WARMUP + 0.01, 1 - done)
            ids, mask, labels = _batch(list(islice(drawn, options.batch)), tokenizer)
            loss = loss_of(model(ids, mask).flatten(0, 1), labels.flatten())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            mean = loss.item() if step == 0 else 0.98 * mean + 0.02 * loss.item()
            progress.update(task, completed=done, description=f"loss {mean:.4f}, step {step:,}")
    console.print(f"Trained for {(time.monotonic() - started) / 60:.1f} minutes; loss {mean:.4f}.")
