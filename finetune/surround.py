"""Parts of other files in the training prompts, chosen as the server chooses them.

The other files of a document are those of its repository that are learned with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inkling.neighbours import related_paths
from inkling.snippets import Neighbour, choose_snippets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from curation.corpus import CorpusDocument
    from inkling.layout import FimContext, Snippet


@dataclass(frozen=True)
class Surround:
    """Chooses parts of other documents for a hole.

    Attributes:
        documents: from which they are chosen.
        room: most tokens of the parts, their paths included.
        count_tokens: tokens of a text.
    """

    documents: Iterable[CorpusDocument]
    room: int
    count_tokens: Callable[[str], int]
    _trees: dict[str, dict[str, str]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for document in self.documents:
            self._trees.setdefault(document.repo, {})[document.path] = document.text

    def __call__(self, context: FimContext, document: CorpusDocument) -> tuple[Snippet, ...]:
        tree = self._trees.get(document.repo, {})
        paths = related_paths(document.path, document.text, sorted(tree))
        neighbours = [Neighbour(path, tree[path]) for path in paths]
        return choose_snippets(context, neighbours, self.room, self.count_tokens)
