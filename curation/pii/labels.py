"""The classes of personal data, named as StarPII names them, and their B-/I- labels."""

from __future__ import annotations

CLASSES = ("NAME", "EMAIL", "IP_ADDRESS", "USERNAME", "PASSWORD", "KEY")
OUTSIDE = "O"
LABELS = (OUTSIDE, *(f"{place}-{name}" for name in CLASSES for place in "BI"))
IGNORED = -100
"""The label of a token that no loss is taken of."""


def label_tokens(
    offsets: list[tuple[int, int]],
    spans: list[tuple[int, int, str]],
    doubtful: list[tuple[int, int]],
) -> list[int]:
    """A label's number for each token.

    Args:
        offsets: characters that each token covers.
        spans: (start, end, class) of the values, in order and without overlaps.
        doubtful: stretches of text of which nobody knows what they hold.
    """
    labels = []
    begun: tuple[int, int, str] | None = None
    for start, end in offsets:
        inside = next((span for span in spans if start < span[1] and span[0] < end), None)
        if start == end or (
            inside is None and any(start < last and first < end for first, last in doubtful)
        ):
            labels.append(IGNORED)
        elif inside is None:
            labels.append(0)
        else:
            place = "I" if inside == begun else "B"
            labels.append(LABELS.index(f"{place}-{inside[2]}"))
        begun = inside
    return labels
