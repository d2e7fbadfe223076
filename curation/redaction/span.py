"""A found piece of a text that must not be learnt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` is a value: KEY, PASSWORD, EMAIL, IP_ADDRESS, PRIVATE_KEY or NAME.

    `rule` names the detector, for reports.
    """

    start: int
    end: int
    kind: str
    rule: str


def without_overlaps(spans: list[Span]) -> list[Span]:
    """The spans in order; of overlapping ones the first, longest stays, widened to cover all."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            if span.end > last.end:
                merged[-1] = Span(last.start, span.end, last.kind, last.rule)
        else:
            merged.append(span)
    return merged
