"""Stage "language": keeps files of the languages asked for, by name, marks and content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.language_content import detect
from curation.stages.stage import Drop, Explanation, Stage

if TYPE_CHECKING:
    from datatrove.data import Document


class LanguageFilter(Stage):
    """Sets `language`; drops files of other languages and of none.

    Args:
        languages: names of `inkling.languages`; empty keeps every known language.
    """

    name = "language"
    version = "2"

    def __init__(self, languages: tuple[str, ...] = ("python",)) -> None:
        super().__init__()
        self.languages = languages

    def judge(self, document: Document) -> Drop | None:
        path = document.metadata["path"]
        found = detect(path, document.text)
        if found is None:
            return Drop("unknown_language", path.rsplit("/", 1)[-1])
        wanted = found.language in self.languages if self.languages else found.known
        if not wanted:
            return Drop("other_language", f"{found.language} by its {found.by}")
        document.metadata["language"] = found.language
        return None

    def explain(self, document: Document) -> list[Explanation]:
        drop = self.judge(document)
        found = detect(document.metadata["path"], document.text)
        value = f"{found.language}, by its {found.by}" if found else "unknown"
        allowed = ", ".join(self.languages) or "any known language"
        rule = drop.reason if drop else "language"
        return [Explanation(self.name, rule, value, allowed, drop is None)]
