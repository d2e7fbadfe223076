"""Holes: places in held-out files where a line is taken away from the cursor to its end.

**Sampling, precisely.** A document's holes depend on the seed and its id alone. From the lines
that `evaluation.code_lines` calls code, have at most `MAX_LINE` characters, and end in `\\n`
without `\\r`, one after the other is drawn without replacement until `holes_per_file` holes are
found. In each line one of three kinds of cursor is drawn with equal chance:

- `start`: before the first character that isn't indentation;
- `boundary`: before a word or a punctuation character, but not the line's first;
- `inside`: before any character after the first one that isn't indentation.

The middle is the rest of the line, without the newline, and must hold `MIN_VISIBLE` characters that
aren't space, one of them a letter or digit; positions where it doesn't are no candidates, and a
line without a candidate of the kind drawn gives no hole. Documents of a package are visited in an
order that the seed and their ids fix, first for one hole each, then for a second …; packages take
turns, each up to `max_per_package`, until there are enough. Two documents with the same text count
as one.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from evaluation.code_lines import code_lines
from inkling.errors import InklingError
from inkling.layout import FimContext, Snippet, anchor_offset

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from curation.corpus import CorpusDocument

KINDS = ("start", "boundary", "inside")
MAX_LINE = 240
MIN_VISIBLE = 3
_WORD_OR_SIGN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Hole:
    """One question: what stands between `prefix + typed` and `suffix`?

    Attributes:
        package: repository or package of the document.
        path: of the file inside the package.
        prefix: the file up to the start of the cursor's line.
        typed: the line up to the cursor.
        suffix: from the newline that ends the line to the end of the file.
        middle: the answer: the rest of the line, no newline.
        document_id: of the corpus document.
        kind: `start`, `boundary` or `inside`, as above.
        snippets: parts of the package's other files to ask with; none as sampled.
    """

    package: str
    path: str
    prefix: str
    typed: str
    suffix: str
    middle: str
    document_id: str
    kind: str
    snippets: tuple[Snippet, ...] = ()

    @property
    def context(self) -> FimContext:
        """What the model is asked with, in the layout of training."""
        return FimContext(
            self.prefix, self.typed, self.suffix, self.path, self.package, self.snippets
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class HoleSampling:
    """How many holes, and how they are spread.

    Attributes:
        holes: how many in all.
        max_per_package: at most so many from one package.
        holes_per_file: at most so many from one file.
        seed: another seed gives other holes.
    """

    holes: int = 500
    max_per_package: int = 100
    holes_per_file: int = 3
    seed: int = 0


def sample_holes(documents: Iterable[CorpusDocument], sampling: HoleSampling) -> list[Hole]:
    """Draw exactly `sampling.holes` holes, ordered by package, path and position.

    Raises:
        InklingError: if the documents don't give as many.
    """
    packages = _group_by_package(documents, sampling.seed)
    if not packages:
        raise InklingError(
            "The corpus has no held-out documents.",
            "Make a corpus that holds out some packages ('python -m curation run --help').",
        )
    turns = [_holes_of_package(packages[name], sampling) for name in sorted(packages)]
    chosen: list[Hole] = []
    while turns and len(chosen) < sampling.holes:
        still_going = []
        for turn in turns:
            hole = next(turn, None)
            if hole is not None:
                chosen.append(hole)
                still_going.append(turn)
        turns = still_going
    if len(chosen) < sampling.holes:
        raise InklingError(
            f"The held-out side of the corpus gives {len(chosen)} holes from {len(packages)} "
            f"packages, and {sampling.holes} were asked for.",
            f"Ask for at most {len(chosen)} with --holes, or hold out more packages.",
        )
    return sorted(
        chosen[: sampling.holes], key=lambda hole: (hole.package, hole.path, len(hole.prefix))
    )


def holes_of_document(document: CorpusDocument, sampling: HoleSampling) -> list[Hole]:
    """The document's holes: a function of the seed, the document's id and its text."""
    generator = random.Random(f"{sampling.seed}:{document.id}")
    lines = document.text.split("\n")
    starts = _line_starts(lines)
    # The last piece of the split has no newline after it, so its rest of the line has no end.
    candidates = [
        number
        for number in code_lines(document.text, document.language)
        if number < len(lines) - 1 and len(lines[number]) <= MAX_LINE and "\r" not in lines[number]
    ]
    generator.shuffle(candidates)
    holes: list[Hole] = []
    for number in candidates:
        if len(holes) == sampling.holes_per_file:
            break
        kind = generator.choice(KINDS)
        columns = cursor_columns(lines[number], kind)
        if columns:
            cursor = starts[number] + generator.choice(columns)
            holes.append(_hole(document, cursor, starts[number] + len(lines[number]), kind))
    return holes


def cursor_columns(line: str, kind: str) -> list[int]:
    """Columns of `line` where a cursor of this kind leaves a middle worth asking for."""
    indentation = len(line) - len(line.lstrip())
    if kind == "start":
        columns: Sequence[int] = [indentation]
    elif kind == "boundary":
        columns = [match.start() for match in _WORD_OR_SIGN.finditer(line)][1:]
    else:
        columns = range(indentation + 1, len(line))
    return [column for column in columns if _worth_asking(line[column:])]


def _worth_asking(middle: str) -> bool:
    visible = [character for character in middle if not character.isspace()]
    return len(visible) >= MIN_VISIBLE and any(character.isalnum() for character in visible)


def _hole(document: CorpusDocument, cursor: int, end: int, kind: str) -> Hole:
    text = document.text
    anchor = anchor_offset(text, cursor)
    return Hole(
        package=document.repo,
        path=document.path,
        prefix=text[:anchor],
        typed=text[anchor:cursor],
        suffix=text[end:],
        middle=text[cursor:end],
        document_id=document.id,
        kind=kind,
    )


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _group_by_package(
    documents: Iterable[CorpusDocument], seed: int
) -> dict[str, list[CorpusDocument]]:
    """Documents by package, each text once, in the order that seed and ids fix."""
    seen: set[str] = set()
    packages: dict[str, list[CorpusDocument]] = {}
    for document in sorted(documents, key=lambda document: (document.repo, document.path)):
        if document.text_sha256 not in seen:
            seen.add(document.text_sha256)
            packages.setdefault(document.repo, []).append(document)
    for members in packages.values():
        members.sort(key=lambda document: (_order(seed, document.id), document.path))
    return packages


def _order(seed: int, document_id: str) -> bytes:
    return hashlib.sha256(f"{seed}:{document_id}".encode()).digest()


def _holes_of_package(members: list[CorpusDocument], sampling: HoleSampling) -> Iterator[Hole]:
    """First one hole of every document, then a second …; documents are only read when reached."""
    given = 0
    drawn: dict[int, list[Hole]] = {}
    for turn in range(sampling.holes_per_file):
        for index, document in enumerate(members):
            if index not in drawn:
                drawn[index] = holes_of_document(document, sampling)
            if turn < len(drawn[index]):
                if given == sampling.max_per_package:
                    return
                given += 1
                yield drawn[index][turn]
