"""From logits to probabilities."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lsp_server.memory.recall import Expectation


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithms of the probabilities."""
    return logits - log_sum(logits)


def log_sum(values: NDArray[np.float32]) -> np.float32:
    """The natural logarithm of the sum of the exponentials."""
    peak = values.max()
    return np.float32(peak + np.log(np.exp(values - peak).sum()))


def most_probable(logits: NDArray[np.float32]) -> tuple[int, float]:
    """The token with the greatest logit, and the natural logarithm of its probability."""
    token = int(logits.argmax())
    return token, float(logits[token] - log_sum(logits))


def most_expected(logits: NDArray[np.float32], expectation: Expectation) -> tuple[int, float]:
    """The same, with what the repository memory expects mixed into the model's distribution."""
    mixed = expectation.mixed_into(np.exp(log_softmax(logits)))
    token = int(mixed.argmax())
    return token, math.log(max(float(mixed[token]), 1e-30))
