"""Does the installed model hold up on the newest commits, beside the one it replaced?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.commits.history import newest_commits, spare_work_tree
from evaluation.commits.rounds import commit_rounds
from finetune.gate.cut import HOLES_PER_COMMIT
from finetune.gate.proof import DECIDING, Proof, prove

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FEWEST_HOLES = 20


def canary_proof(
    checkout: Path, since: str, languages: Sequence[str], earlier: Path, installed: Path
) -> Proof | None:
    """Both bundles on the commits after the revision `since`; None if they give too little."""
    commits = []
    for commit in newest_commits(checkout, languages, limit=200):
        if commit.revision == since:
            break
        commits.append(commit)
        if commit.parent == since:
            break
    with spare_work_tree(checkout) as tree:
        rounds = list(commit_rounds(tree, commits[::-1], HOLES_PER_COMMIT))
        if sum(len(part.holes) for part in rounds) < FEWEST_HOLES or len(rounds) < 2:
            return None
        proof, _ = prove(earlier, installed, rounds, "commits")
    return proof


def is_worse(proof: Proof) -> bool:
    """Whether the interval of the difference, with memory on both sides, lies below zero."""
    return proof.measures[DECIDING].remembering.high < 0
