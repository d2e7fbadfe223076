"""What earlier commits typed, to learn from: a hole where it was typed, in the file as it was then.

A repository's files as they are now are soon known by heart, and its memory has them anyway. Its
history has several times as much text, and shows what a line looks like before it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from curation.redaction.redact import find_spans
from finetune.gate.earlier import earlier_holes
from pretrain.fim import hole_at

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence

    from curation.corpus import CorpusDocument
    from evaluation.holes import Hole as Asked
    from finetune.sources import Source
    from pretrain.examples import Piece
    from pretrain.fim import FimMix, Hole

_CHARACTERS_A_TOKEN = 2.4
"""So few that a document fits its window."""
_SHARE_ABOVE = 2 / 3


@dataclass(frozen=True)
class PastChanges:
    """Documents with one hole each, which it cuts for `pretrain.examples.ExampleMaker`.

    Attributes:
        documents: what stood around the cursor, newest first.
        holes: id of a document → where its hole begins and ends.
    """

    documents: list[CorpusDocument]
    holes: Mapping[str, tuple[int, int]]

    def __call__(self, piece: Piece, mix: FimMix, rng: random.Random) -> Hole | None:
        if piece.text != piece.document.text:  # it was too long after all
            return None
        return hole_at(piece.text, *self.holes[piece.document.id], mix, rng)


def past_changes(
    sources: Sequence[Source],
    learned: Sequence[CorpusDocument],
    languages: Sequence[str],
    tokens: int,
    most: int,
) -> PastChanges:
    """The changes of commits before the cut, in files that are learned and no others.

    Where anything is found that curation would replace, the change is left out.

    Args:
        tokens: of a document, at most.
        most: characters of all documents, about.
    """
    files = {(document.repo, document.path): document for document in learned}
    documents: list[CorpusDocument] = []
    holes: dict[str, tuple[int, int]] = {}
    for source in sources:
        found = _documents(source, files, languages, round(tokens * _CHARACTERS_A_TOKEN))
        size = 0
        for document, hole in found:
            if size >= most // len(sources):
                break
            documents.append(document)
            holes[document.id] = hole
            size += len(document.text)
    return PastChanges(documents, holes)


def _documents(
    source: Source,
    files: Mapping[tuple[str, str], CorpusDocument],
    languages: Sequence[str],
    characters: int,
) -> Iterator[tuple[CorpusDocument, tuple[int, int]]]:
    if source.checkout is None:
        return
    for number, (revision, asked) in enumerate(earlier_holes(source.files, source.name, languages)):
        now = files.get((source.name, asked.path))
        if now is None:
            continue
        before, after = _around(asked, characters)
        text = f"{before}{asked.middle}{after}"
        if find_spans(text, now.language):
            continue
        identity = f"{now.id}:{revision}:{number}"
        yield (
            replace(now, id=identity, revision=revision, text=text, line_map=None),
            (len(before), len(before) + len(asked.middle)),
        )


def _around(asked: Asked, characters: int) -> tuple[str, str]:
    """Whole lines above and below the hole."""
    room = max(0, characters - len(asked.typed) - len(asked.middle))
    above, below = round(room * _SHARE_ABOVE), round(room * (1 - _SHARE_ABOVE))
    prefix, suffix = asked.prefix, asked.suffix
    if len(prefix) > above:
        prefix = prefix[len(prefix) - above :].partition("\n")[2]
    if len(suffix) > below:
        suffix = suffix[:below].rpartition("\n")[0] + "\n"
    return prefix + asked.typed, suffix
