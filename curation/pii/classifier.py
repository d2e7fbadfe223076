"""A token classifier on onnxruntime: text in, spans of personal data out. No torch.

A classifier is a folder as `transformers` and its exporters write it: `model.onnx` (input ids and
attention mask in, one logit a label out), `tokenizer.json`, and `config.json` with `id2label`
(`O`, `B-NAME`, `I-NAME` …; StarPII's form). The text is cut into overlapping windows; what a window
says near its edges is left to its neighbour.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.pii.labels import OUTSIDE
from inkling.errors import InklingError, require

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SHIPPED = "shipped"
MODEL, TOKENIZER, CONFIG = "model.onnx", "tokenizer.json", "config.json"
LEAST_SCORES = "least_scores"
"""Key of the configuration: from which score a find of a class counts."""
LEAST_SCORE = 0.8
"""The same for classifiers and classes that say nothing of it."""
_MOST_TOKENS = 512
_EDGE = 48
"""Tokens at a window's edge that its neighbour judges."""
_WINDOWS_A_BATCH = 8
_REMEDY = (
    f"Name a folder with {MODEL}, {TOKENIZER} and {CONFIG}, as exported for token classification."
)


@dataclass(frozen=True)
class Found:
    """`text[start:end]` is of a class; `score` is the mean probability of its tokens' label."""

    start: int
    end: int
    label: str
    score: float


def shipped_folder() -> Path:
    """The folder of the classifier that comes with Inkling."""
    return Path(str(files("curation.pii").joinpath("model")))


def folder_of(name: str | Path) -> Path:
    """The folder that an option names: a path, or `shipped`."""
    return shipped_folder() if str(name) == SHIPPED else Path(name).expanduser().resolve()


def classifier_hash(folder: Path) -> str:
    """The classifier's identity: hex SHA-256 over its three files.

    Raises:
        InklingError: one of them is missing.
    """
    digest = hashlib.sha256()
    for name in (MODEL, TOKENIZER, CONFIG):
        try:
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
        except OSError as error:
            raise InklingError(
                f"The token classifier {folder} can't be read: {name}: {error.strerror}.", _REMEDY
            ) from error
    return digest.hexdigest()


@cache
def load_classifier(folder: Path) -> TokenClassifier:
    """The classifier in a folder, loaded once a process.

    Raises:
        InklingError: the folder holds none, or onnxruntime isn't installed.
    """
    onnxruntime = require("onnxruntime", "train")
    tokenizers = require("tokenizers", "train")
    classifier_hash(folder)
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        labels = {int(number): str(name) for number, name in config["id2label"].items()}
        least = {str(name): float(score) for name, score in config.get(LEAST_SCORES, {}).items()}
        longest = int(config.get("max_position_embeddings", _MOST_TOKENS))
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the executor already has a process a core
        session = onnxruntime.InferenceSession(
            str(folder / MODEL), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # tokenizers and onnxruntime raise bare Exceptions
        cause = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise InklingError(
            f"The token classifier {folder} can't be loaded: {cause}.", _REMEDY
        ) from error
    if not any(name.startswith("B-") for name in labels.values()):
        raise InklingError(f"The labels of the classifier {folder} aren't B- and I-.", _REMEDY)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # text can't forge a special token
    return TokenClassifier(session, tokenizer, labels, min(longest, _MOST_TOKENS), least)


class TokenClassifier:
    """Finds personal data in text.

    Args:
        session: an onnxruntime session.
        tokenizer: a `tokenizers.Tokenizer`.
        labels: label number → `O`, `B-…` or `I-…`.
        most_tokens: the longest window that the model takes, special tokens included.
        least_scores: class → the score from which its finds count; 0.8 where it isn't given.
    """

    def __init__(
        self,
        session: Any,
        tokenizer: Any,
        labels: dict[int, str],
        most_tokens: int,
        least_scores: Mapping[str, float],
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._labels = labels
        self._most_tokens = most_tokens
        self._least_scores = least_scores
        self._inputs = [row.name for row in session.get_inputs()]

    def find_sure(self, text: str) -> list[Found]:
        """The spans whose score is high enough, in order."""
        least = self._least_scores
        return [f for f in self.find(text) if f.score >= least.get(f.label, LEAST_SCORE)]

    def find(self, text: str) -> list[Found]:
        """The spans in a text, in order. They don't overlap."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        if not encoding.ids:
            return []
        probabilities = self.probabilities(encoding.ids)
        return list(decode(text, encoding.offsets, probabilities, self._labels))

    def probabilities(self, ids: Sequence[int]) -> np.ndarray:
        """Each label's probability for each token, shape (tokens, labels), float32."""
        before, after = self._special
        room = self._most_tokens - len(before) - len(after)
        step = max(1, room - 2 * _EDGE)
        found = np.zeros((len(ids), len(self._labels)), dtype=np.float32)
        starts = list(range(0, max(1, len(ids) - 2 * _EDGE), step))
        for first in range(0, len(starts), _WINDOWS_A_BATCH):
            batch = starts[first : first + _WINDOWS_A_BATCH]
            windows = [[*before, *ids[start : start + room], *after] for start in batch]
            logits = self._run(windows)
            for start, window, values in zip(batch, windows, logits, strict=True):
                size = len(window) - len(before) - len(after)
                skip = _EDGE if start else 0  # later windows overwrite the former's right edge
                values = values[len(before) : len(before) + size]
                found[start + skip : start + size] = _softmax(values)[skip:]
        return found

    @cached_property
    def _special(self) -> tuple[list[int], list[int]]:
        """The special tokens that stand around every window, such as [CLS] and [SEP]."""
        ids = self._tokenizer.encode("").ids
        return ids[: (len(ids) + 1) // 2], ids[(len(ids) + 1) // 2 :]

    def _run(self, windows: list[list[int]]) -> np.ndarray:
        longest = max(map(len, windows))
        ids = np.zeros((len(windows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        known = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(ids),
        }
        logits: np.ndarray = self._session.run(None, {name: known[name] for name in self._inputs})[
            0
        ]
        return logits


def decode(
    text: str,
    offsets: Sequence[tuple[int, int]],
    probabilities: np.ndarray,
    labels: dict[int, str],
) -> Iterator[Found]:
    """Spans of neighbouring tokens of one class; `B-` begins a new one.

    Args:
        probabilities: shape (tokens, labels).
    """
    best = probabilities.argmax(axis=1)
    current: tuple[int, int, str, list[float]] | None = None
    follows = -1
    for number in map(int, np.flatnonzero([labels[int(n)] != OUTSIDE for n in best])):
        place, _, name = labels[int(best[number])].rpartition("-")
        start, end = offsets[number]
        score = float(probabilities[number, best[number]])
        if current is not None and name == current[2] and place != "B" and number == follows:
            current = (current[0], max(current[1], end), name, [*current[3], score])
        else:
            if current is not None:
                yield from _found(text, *current)
            current = (start, end, name, [score])
        follows = number + 1
    if current is not None:
        yield from _found(text, *current)


def _found(text: str, start: int, end: int, name: str, scores: list[float]) -> Iterator[Found]:
    """The span without the white space that byte-level tokens carry."""
    value = text[start:end]
    start += len(value) - len(value.lstrip())
    end -= len(value) - len(value.rstrip())
    if start < end:
        yield Found(start, end, name, sum(scores) / len(scores))


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares
