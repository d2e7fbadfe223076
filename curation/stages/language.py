"""Stage "language": keeps files of the languages asked for, by name, marks and content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.formats.notebook import is_notebook
from curation.language_content import Detected, detect
from curation.stages.stage import Drop, Explanation, Stage

if TYPE_CHECKING:
    from datatrove.data import Document

FORMAT_KEY = "format"
"""Set for text that is no plain source file; such a format is a language of its own."""
LANGUAGE_KEY = "language"
SOURCE = "source"
_SKIPPED = "notebook; --notebooks reads them"


class LanguageFilter(Stage):
    """Sets `language`; drops files of other languages and of none.

    Args:
        languages: names of `inkling.languages`; empty keeps every known language.
    """

    name = "language"
    version = "3"

    def __init__(self, languages: tuple[str, ...] = ("python",)) -> None:
        super().__init__()
        self.languages = languages

    def judge(self, document: Document) -> Drop | None:
        metadata = document.metadata
        found = self._found(document)
        if found is None and is_notebook(metadata["path"]):
            return Drop("notebook", _SKIPPED)
        if found is None:
            return Drop("unknown_language", metadata["path"].rsplit("/", 1)[-1])
        if not self._is_wanted(found):
            return Drop("other_language", f"{found.language} by its {found.by}")
        metadata[LANGUAGE_KEY] = found.language
        return None

    def _found(self, document: Document) -> Detected | None:
        """What an earlier stage or the source says goes before what the file looks like."""
        metadata = document.metadata
        known = metadata.get(FORMAT_KEY) or metadata.get(LANGUAGE_KEY)
        if known:
            return Detected(known, SOURCE)
        if is_notebook(metadata["path"]):
            return None  # the stage before would have read it
        return detect(metadata["path"], document.text)

    def _is_wanted(self, found: Detected) -> bool:
        if found.by == SOURCE and not found.known:
            return True  # a format is read only where its source was asked for
        return found.language in self.languages if self.languages else found.known

    def explain(self, document: Document) -> list[Explanation]:
        found = self._found(document)
        value = f"{found.language}, by its {found.by}" if found else "unknown"
        drop = self.judge(document)
        if drop is not None and drop.reason == "notebook":
            value = drop.detail
        allowed = ", ".join(self.languages) or "any known language"
        return [
            Explanation(
                self.name,
                drop.reason if drop else "language",
                value,
                allowed,
                drop is None,
                found.span if found else None,
            )
        ]
