"""How sure the model is, from the probabilities of the tokens that it chose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.rules.scene import Scene


def confidence(logprobs: Sequence[float]) -> float:
    """Geometric mean of the tokens' probabilities, in 0 to 1; 1 if nothing is known.

    Args:
        logprobs: natural logarithms, one a token.
    """
    if not logprobs:
        return 1.0
    return math.exp(min(0.0, math.fsum(logprobs) / len(logprobs)))


def low_confidence(text: str, scene: Scene) -> str:
    """Nothing if the model is less sure than the policy asks for."""
    return text if confidence(scene.logprobs) >= scene.least_confidence else ""
