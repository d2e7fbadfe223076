"""What quantization cost: next-token distributions of the bundle's model against float32.

Measured by Kullback-Leibler divergence rather than perplexity, which can even improve by chance.
The texts are files of the standard library, half as holes to fill and half from left to right;
this says how close the two models are, not how good they are.
"""

from __future__ import annotations

import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inkling.layout import (
    Sentinel,
    document_segments,
    encode_segments,
    fim_example_segments,
    split_at_cursor,
)
from quantize.llama_model import open_llama_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from inkling.layout import Segment

TEXTS = (
    "argparse.py",
    "bisect.py",
    "configparser.py",
    "dataclasses.py",
    "fnmatch.py",
    "graphlib.py",
    "heapq.py",
    "json/decoder.py",
    "logging/handlers.py",
    "shlex.py",
    "textwrap.py",
    "zipfile.py",
)
LONGEST = 320  # tokens of one sequence
EXCERPT = 900  # characters of a file: about 300 tokens
MOST_LOGITS = 2**29
"""Numbers of one model that are compared, about: a large vocabulary is measured on fewer texts."""
FEWEST_EXAMPLES = 6
_ROWS = 64


@dataclass(frozen=True)
class QualityReport:
    """Distance between two models over the same token positions.

    Attributes:
        tokens: positions compared.
        mean_divergence: mean KL(float32 ‖ quantized), in nats.
        p99_divergence: its 99th percentile, in nats.
        same_top: share of positions where both would choose the same next token.
        texts: files of the standard library that were read.
    """

    tokens: int
    mean_divergence: float
    p99_divergence: float
    same_top: float
    texts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_models(
    reference: Path,
    quantized: Path,
    sentinel_ids: Mapping[Sentinel, int],
    *,
    verbose: bool = False,
    on_text: Callable[[int, int], None] = lambda done, total: None,
) -> QualityReport:
    """Compare two GGUF files of the same model; `on_text` is called with (done, total)."""
    examples = read_examples()
    divergences: list[NDArray[np.float64]] = []
    same: list[NDArray[np.bool_]] = []
    with (
        open_llama_model(reference, LONGEST, verbose=verbose) as exact,
        open_llama_model(quantized, LONGEST, verbose=verbose) as rounded,
    ):
        rows = LONGEST * exact.vocabulary_size
        examples = examples[: max(FEWEST_EXAMPLES, MOST_LOGITS // rows)]
        for done, (_, segments) in enumerate(examples, start=1):
            ids = encode_segments(segments, exact.tokenize, sentinel_ids)[:LONGEST]
            expected, found = exact.logits(ids), rounded.logits(ids)
            divergences.append(divergence(expected, found))
            same.append(expected.argmax(axis=1) == found.argmax(axis=1))
            on_text(done, len(examples))
    every = np.concatenate(divergences)
    return QualityReport(
        tokens=len(every),
        mean_divergence=float(every.mean()),
        p99_divergence=float(np.quantile(every, 0.99)),
        same_top=float(np.concatenate(same).mean()),
        texts=tuple(dict.fromkeys(name for name, _ in examples)),
    )


def read_examples() -> list[tuple[str, Sequence[Segment]]]:
    """(file name, segments) of the sequences to compare; the same on every run."""
    library = Path(sysconfig.get_path("stdlib"))
    examples: list[tuple[str, Sequence[Segment]]] = []
    for name in TEXTS:
        path = library / name
        if not path.is_file():  # the standard library differs a little between releases
            continue
        text = path.read_bytes().decode()
        start = text.find("\n", len(text) // 3) + 1
        excerpt = text[start : start + EXCERPT]
        hole = excerpt.find("\n", EXCERPT // 2) + 1
        end = excerpt.find("\n", hole) + 1
        context = split_at_cursor(excerpt[:hole] + excerpt[end:], hole, path=name)
        examples.append((name, fim_example_segments(context, excerpt[hole:end])))
        examples.append((name, document_segments(excerpt, path=name)))
    return examples


def divergence(expected: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.float64]:
    """KL(expected ‖ found) in nats for each row of two arrays of logits [tokens, vocabulary]."""
    starts = range(0, len(expected), _ROWS)  # a large vocabulary makes large rows
    return np.concatenate(
        [_divergence(expected[at : at + _ROWS], found[at : at + _ROWS]) for at in starts]
    )


def _divergence(expected: NDArray[np.float32], found: NDArray[np.float32]) -> NDArray[np.float64]:
    log_p, log_q = _log_softmax(expected), _log_softmax(found)
    total: NDArray[np.float64] = (np.exp(log_p) * (log_p - log_q)).sum(axis=1)
    return np.maximum(total, 0.0)


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result
