"""Where holes are cut in one's own code: in lines of real changes, the recent ones more often.

A hole begins in such a line and ends with it, or with the last of the neighbouring lines that came
in the same commit. The rest of the holes are cut as in pretraining, anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from pretrain.examples import cut_anywhere
from pretrain.fim import cursor_in_line, hole_at, line_end

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from curation.corpus import CorpusDocument
    from finetune.authorship import LineOrigin
    from pretrain.examples import Piece
    from pretrain.fim import FimMix, Hole

HALF_LIFE_SECONDS = 180 * 24 * 3600
_LEAST_WEIGHT = 0.1
"""Old lines are still cut in, only less often."""


@dataclass(frozen=True)
class HunkCutter:
    """Cuts holes where changes were made.

    Attributes:
        origins: (repository, path) → the origin of each line of the original file.
        now: seconds since 1970 that ages are counted from.
        share: of the holes that are cut in this way.
    """

    origins: Mapping[tuple[str, str], Sequence[LineOrigin]]
    now: int
    share: float = 0.5

    def __call__(self, piece: Piece, mix: FimMix, rng: random.Random) -> Hole | None:
        origins = self._origins(piece)
        if not origins or rng.random() >= self.share:
            return cut_anywhere(piece, mix, rng)
        starts = [0, *accumulate(len(line) + 1 for line in piece.text.split("\n"))]
        weights = [self._weight(origin) for origin in origins]
        number = rng.choices(range(len(origins)), weights)[0]
        cursor = cursor_in_line(piece.text, starts[number], rng)
        if cursor is None:
            return cut_anywhere(piece, mix, rng)
        end = line_end(piece.text, cursor)
        if rng.random() >= mix.line_end:
            end = self._end_of_hunk(piece.text, number, starts, origins, mix)
        return hole_at(piece.text, cursor, end, mix, rng)

    def _origins(self, piece: Piece) -> list[LineOrigin]:
        """Origins of the piece's lines; none if they aren't known for every one of them."""
        document = piece.document
        known = self.origins.get((document.repo, document.path), ())
        first = document.text.count("\n", 0, piece.start)
        count = piece.text.count("\n") + (not piece.text.endswith("\n"))
        lines = original_lines(document, first, count)
        return [known[line] for line in lines] if lines and max(lines) < len(known) else []

    def _weight(self, origin: LineOrigin) -> float:
        age = max(0, self.now - origin.committed_at)
        return float(max(_LEAST_WEIGHT, 0.5 ** (age / HALF_LIFE_SECONDS)))

    def _end_of_hunk(
        self,
        text: str,
        number: int,
        starts: Sequence[int],
        origins: Sequence[LineOrigin],
        mix: FimMix,
    ) -> int:
        last = number
        while (
            last + 1 < len(origins)
            and last - number < mix.max_block_lines
            and origins[last + 1].commit == origins[number].commit
        ):
            last += 1
        return line_end(text, starts[last])


def original_lines(document: CorpusDocument, first: int, count: int) -> list[int]:
    """Numbers (from 0) in the original file of `count` curated lines from `first` on."""
    if document.line_map is None:
        return list(range(first, first + count))
    return [line - 1 for line in document.line_map[first : first + count]]
