"""Stage "notebook": turns Jupyter notebooks into text; on only where a run asks for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from curation.formats.notebook import NotANotebookError, is_notebook, parse_notebook, structured
from curation.formats.notebook_script import script
from curation.stages.cleaning import LINE_MAP_KEY
from curation.stages.language import FORMAT_KEY, LANGUAGE_KEY
from curation.stages.stage import Drop, Stage
from curation.well_formed import well_formed
from inkling.languages import BY_NAME

if TYPE_CHECKING:
    from datatrove.data import Document

Form = Literal["structured", "script"]


class NotebookStage(Stage):
    """Replaces the JSON of an `.ipynb` file by its cells; drops what is no notebook.

    Args:
        form: `structured` for cells and outputs between sentinels, `script` for a source file.
        languages: of the kernels to keep; empty keeps every one. (A script is a file of its
            kernel's language, which the next stage judges.)
    """

    name = "notebook"
    version = "3"

    def __init__(self, form: Form, languages: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.form = form
        self.languages = languages

    def judge(self, document: Document) -> Drop | None:
        if not is_notebook(document.metadata["path"]):
            return None
        try:
            notebook = parse_notebook(document.text)
        except NotANotebookError as error:
            return Drop("no_notebook", str(error))
        if not notebook.cells:
            return Drop("empty_notebook", "every cell is blank")
        if self.form == "structured":
            if self.languages and notebook.language not in self.languages:
                return Drop("other_language", f"{notebook.language} by its kernel")
            document.text = well_formed(structured(notebook))
            document.metadata[FORMAT_KEY] = "notebook"
            return None
        row = BY_NAME.get(notebook.language)
        if row is None or row.line_comment is None:
            return Drop("unknown_kernel", notebook.language)
        document.text, document.metadata[LINE_MAP_KEY] = script(notebook, row.line_comment)
        document.metadata[LANGUAGE_KEY] = row.name
        return None
