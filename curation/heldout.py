"""Which packages are held out: whole ones, chosen by a hash of the name.

The choice depends on nothing but names and sizes, so nobody can pick the packages that a model
does well on, and it stays the same when an unrelated package joins the environment.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SHARE = 0.05
"""A package larger than this share of all bytes stays on the training side."""
MIN_PACKAGE_BYTES = 100_000


@dataclass(frozen=True)
class HeldoutRule:
    """How much to hold out: at least so many packages *and* so many bytes. Both 0: nothing."""

    packages: int = 0
    bytes: int = 0


def choose_heldout(bytes_by_repo: Mapping[str, int], rule: HeldoutRule) -> frozenset[str]:
    """The repositories to hold out: the first in order of SHA-256 of their name that suffice.

    Raises:
        InklingError: there aren't enough packages.
    """
    if rule.packages <= 0 and rule.bytes <= 0:
        return frozenset()
    limit = MAX_SHARE * sum(bytes_by_repo.values())
    eligible = [r for r, size in bytes_by_repo.items() if MIN_PACKAGE_BYTES <= size <= limit]
    chosen: list[str] = []
    for repo in sorted(eligible, key=lambda name: hashlib.sha256(name.encode()).digest()):
        if (
            len(chosen) >= rule.packages
            and sum(map(bytes_by_repo.__getitem__, chosen)) >= rule.bytes
        ):
            break
        chosen.append(repo)
    total = sum(map(bytes_by_repo.__getitem__, chosen))
    if len(chosen) < rule.packages or total < rule.bytes:
        raise InklingError(
            f"Only {len(chosen)} packages of together {total:,} bytes can be held out.",
            f"Add sources, or ask for less than {rule.packages} packages and {rule.bytes:,} bytes.",
        )
    return frozenset(chosen)
