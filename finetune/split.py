"""What is trained on and what proves it: the files that were committed last are held out.

Curation has removed near-duplicates, so none straddles the split.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.corpus import CorpusDocument


@dataclass(frozen=True)
class Split:
    """Both sides; `by_time` says whether commit times decided, or a hash of the paths."""

    train: list[CorpusDocument]
    heldout: list[CorpusDocument]
    by_time: bool


HELDOUT_SHARE = 0.2
FEWEST = 3


def split_documents(documents: Sequence[CorpusDocument], share: float = HELDOUT_SHARE) -> Split:
    """Hold out the newest `share` of the documents, at least two, and train on at least one.

    One file alone would prove nothing, since there is nothing to resample.

    A file that was never committed is newer than any that was. Where all are of one age (no
    history, or a single commit), and among files of one commit, a hash of the path decides.

    Args:
        documents: `FEWEST` or more.
        share: between 0 and 1.
    """
    order = sorted(documents, key=_age)
    heldout = min(max(2, round(share * len(order))), len(order) - 1)
    by_time = len({document.committed_at for document in documents}) > 1
    return Split(order[:-heldout], order[-heldout:], by_time)


def _age(document: CorpusDocument) -> tuple[float, bytes]:
    moment = math.inf if document.committed_at is None else document.committed_at
    return moment, hashlib.sha256(f"{document.repo}/{document.path}".encode()).digest()
