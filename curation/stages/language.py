"""Stage "language": keeps files of the languages asked for, by name and first line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.stages.stage import Drop, Stage
from inkling.languages import detect_language

if TYPE_CHECKING:
    from datatrove.data import Document


class LanguageFilter(Stage):
    """Sets `language`; drops files of other languages and of none.

    Args:
        languages: names of `inkling.languages`; empty keeps every known language.
    """

    name = "language"

    def __init__(self, languages: tuple[str, ...] = ("python",)) -> None:
        super().__init__()
        self.languages = languages

    def judge(self, document: Document) -> Drop | None:
        first_line = document.text[:200].split("\n", 1)[0]
        found = detect_language(document.metadata["path"], first_line)
        if found is None:
            return Drop("unknown_language", document.metadata["path"].rsplit("/", 1)[-1])
        if self.languages and found.name not in self.languages:
            return Drop("other_language", found.name)
        document.metadata["language"] = found.name
        return None
