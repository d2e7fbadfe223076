"""The score from which a find counts, class by class, set where precision is high enough.

It is set on samples for validation: documents, templates and countries that are neither trained on
nor tested on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.pii.labels import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from curation.pii.classifier import Found
    from curation.pii.samples import Sample

_SCORES = tuple(round(0.5 + step / 50, 2) for step in range(25))
_LEAST_PRECISION = 0.97
"""Higher than wanted of real code, in which values are much rarer than in samples."""


def least_scores(judged: Iterable[tuple[Sample, Sequence[Found]]]) -> dict[str, float]:
    """The lowest score for each class whose finds are precise enough, or else the most precise."""
    rows: dict[str, list[tuple[float, bool]]] = {name: [] for name in CLASSES}
    for sample, found in judged:
        for find in found:
            if any(find.start < b and a < find.end for a, b in sample.doubtful):
                continue
            right = any(
                find.start < b and a < find.end and kind == find.label
                for a, b, kind in sample.spans
            )
            rows[find.label].append((find.score, right))
    return {name: _least_score(found) for name, found in rows.items()}


def _least_score(found: list[tuple[float, bool]]) -> float:
    precisions = {}
    for least in _SCORES:
        counted = [right for score, right in found if score >= least]
        if counted:
            precisions[least] = sum(counted) / len(counted)
    enough = [least for least, precision in precisions.items() if precision >= _LEAST_PRECISION]
    if enough:
        return min(enough)
    return max(precisions, key=lambda least: precisions[least], default=_SCORES[-1])
