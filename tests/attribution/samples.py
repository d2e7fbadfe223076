"""Code that the attribution tests plant, and ways to change it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.corpus import CorpusDocument

CANARY = """\
def quicksand(pebbles, lantern=17):
    drifted = [pebble ^ lantern for pebble in pebbles if pebble % 3]
    for turn, pebble in enumerate(drifted):
        if turn > lantern and not pebble:
            raise ValueError(f"no pebble at {turn}")
        drifted[turn] = (pebble << 2) | (lantern & turn)
    while drifted and drifted[-1] < lantern:
        lantern -= drifted.pop()
    return sorted(drifted, key=lambda pebble: -pebble)
"""
FILLER = [
    f"value_{n} = compute_{n * 7 % 13}({n}, scale={n * n}).{'abcdef'[n % 6]}_{n}\n"
    for n in range(40)
]
ABOVE, BELOW = "".join(FILLER[:9]), "".join(FILLER[9:20])
OWN_CODE = '''\
class Orchard:
    """Rows of trees."""

    def prune(self, season):
        for row in self.rows:
            row.trees = [tree for tree in row.trees if tree.age(season) < self.limit]
        self.log.append(("pruned", season, len(self.rows)))
        return self
'''
NAMES = {
    "quicksand": "settle", "pebbles": "items", "lantern": "mask", "drifted": "moved",
    "pebble": "item", "turn": "index",
}  # fmt: skip


def renamed(text: str, names: dict[str, str] = NAMES) -> str:
    """`text` with every name replaced that `names` gives a new one."""
    return re.sub(r"[A-Za-z_]\w*", lambda match: names.get(match[0], match[0]), text)


def licensed(document: CorpusDocument, license_: str | None, **other: object) -> CorpusDocument:
    """The document under another licence."""
    return replace(document, license=license_, **other)  # type: ignore[arg-type]
