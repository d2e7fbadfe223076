"""Why a file is in the corpus or not: every stage and rule, its value and what it allows.

The rules that look at one file are run afresh; what depends on other files (duplicates, held-out
code) is known only to a corpus, which is asked for its record of the file.
"""

from __future__ import annotations

import os
import stat
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from curation.corpus import read_documents, read_dropped
from curation.shards import read_source_file
from curation.sources.environment import list_package_of
from curation.sources.folder import list_folder
from curation.sources.license_files import MANIFESTS, LicenseFiles, is_license_file
from curation.sources.names import repository_root
from curation.stages import opt_out
from curation.stages.secrets import SecretsFilter
from inkling.errors import InklingError
from inkling.secrets import contains_private_key, is_secret_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datatrove.data import Document

    from curation.sources.source_file import SourceFile
    from curation.stages.stage import Explanation, Stage


@dataclass(frozen=True)
class Verdict:
    """What the stages make of one file; `dropped_by` is the first row that didn't pass.

    Attributes:
        shown: the text as it came out of the stages, with stars for what secrets it still holds;
            None of a file that is a secret itself, or that its owner wants to be left out.
    """

    file: SourceFile
    document: Document
    rows: tuple[Explanation, ...]
    shown: str | None = None

    @property
    def dropped_by(self) -> Explanation | None:
        return next((row for row in self.rows if not row.passed), None)


def find_source(path: Path, own: bool = False, root: Path | None = None) -> SourceFile:
    """The file as its source lists it: from its package, its git checkout, or its folder.

    Args:
        root: the folder that a run would be given; by default the checkout's, else the nearest
            that has a licence or a manifest.

    Raises:
        InklingError: there is nothing at `path`, or a folder, or its repository ignores it. Links
            and pipes are listed with what they are for a flaw.
    """
    named = path.expanduser().absolute()
    location = named.parent.resolve() / named.name  # a link is asked about, not where it leads
    if not os.path.lexists(location):
        raise InklingError(f"There is no file at {path}.", "Name a source file.")
    if location.is_dir() and not location.is_symlink():
        raise InklingError(
            f"{path} is a folder.", "Name one of its files; 'inspect' looks at whole folders."
        )
    listed = [] if root else list_package_of(location)
    if not listed:
        around = (root or location.parent).expanduser().resolve()
        root = repository_root(around) or root or _project_root(location.parent)
        listed = list(list_folder(root, own))
    for file in listed:
        if file.location == str(location):
            return _with_license_files(file, listed)
    if not stat.S_ISREG(location.lstat().st_mode):
        kind = "symbolic link" if location.is_symlink() else "pipe, a socket or a device"
        raise InklingError(f"{path} is a {kind}, which no run reads.", "Name a source file.")
    raise InklingError(
        f"The file {path} is ignored by its repository or package.",
        "Look into .gitignore, or name another file.",
    )


def guessed_root(file: SourceFile) -> Path | None:
    """The folder that `find_source` took for the project's, where no checkout or package does."""
    location = Path(file.location)
    if file.revision is not None or repository_root(location.parent) is not None:
        return None
    return location.parents[file.path.count("/")]


def _with_license_files(file: SourceFile, listed: Sequence[SourceFile]) -> SourceFile:
    """The file with the names of the licence files and manifests that hold for it, if listed."""
    good = ((other.path, Path(other.location)) for other in listed if other.flaw is None)
    names = LicenseFiles.among(good).files_for(file.path) if file.license_source else []
    if not names:
        return file
    return replace(file, license_source=f"{file.license_source} {' and '.join(names)}")


def _project_root(folder: Path) -> Path:
    for candidate in (folder, *folder.parents):
        try:
            names = [entry.name for entry in candidate.iterdir()]
        except OSError:
            break
        if any(is_license_file(name) or name in MANIFESTS for name in names):
            return candidate
    return folder


def judge_file(file: SourceFile, stages: Sequence[Stage]) -> Verdict:
    """Run every stage on a file, also those after the one that drops it."""
    document = read_source_file(asdict(file), frozenset())
    rows: list[Explanation] = []
    secrets = next((stage for stage in stages if isinstance(stage, SecretsFilter)), SecretsFilter())
    text, hidden = "", ""
    for stage in stages:
        if document.text != text:
            text = document.text
            hidden = _without_secrets(document, secrets)
        found = [_placed(row, text, hidden) for row in stage.explain(document)]
        rows += found
        if stage.name in _NEEDED_BY_LATER and not all(row.passed for row in found):
            break  # without text or language the other rules have nothing to look at
    if document.text != text:
        hidden = _without_secrets(document, secrets)
    withheld = is_secret_path(file.path) or contains_private_key(document.text)
    withheld |= any(row.stage == opt_out.NAME and not row.passed for row in rows)
    return Verdict(file, document, tuple(rows), None if withheld else hidden)


def _without_secrets(document: Document, secrets: SecretsFilter) -> str:
    """The text with a star for each character of a secret, so every place stays where it is."""
    hidden = list(document.text)
    for span in secrets.redacted(document).spans:
        hidden[span.start : span.end] = "*" * (span.end - span.start)
    return "".join(hidden)


def _placed(row: Explanation, text: str, hidden: str) -> Explanation:
    """A row with line and column of its place (lines alone for several), and what stands there."""
    if row.span is None:
        return row
    start, end = row.span
    first = text.count("\n", 0, start) + 1
    last = first + text.count("\n", start, max(start, end - 1))
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    where = f"{first}-{last}" if last > first else f"{first}:{column}"
    matched = " ".join(hidden[start:end].split())
    cut = f"{matched[:_MATCHED]}…" if len(matched) > _MATCHED else matched
    return replace(row, where=where, matched=cut)


_MATCHED = 80
"""Characters of a matched text that are shown."""
_NEEDED_BY_LATER = frozenset({"opt_out", "readable", "language"})


def record_in_corpus(corpus: Path, file: SourceFile) -> str:
    """One sentence on what a corpus did with a file.

    Raises:
        InklingError: the folder is no finished corpus.
    """
    for row in read_dropped(corpus):
        if _is_of(row.repo, row.path, file):
            return f"Dropped by {row.stage}: {row.reason} ({row.detail})."
    for document in read_documents(corpus):
        if _is_of(document.repo, document.path, file):
            return f"Kept, in the split {document.split}."
    return "The corpus has never seen this file."


def _is_of(repo: str, path: str, file: SourceFile) -> bool:
    """Whether a row of a corpus is of a file; more of a path may stand in its repository's name."""
    return path == file.path and (
        repo == file.repo or Path(file.location).as_posix().endswith(f"/{repo}/{path}")
    )


def verdict_table(verdict: Verdict, everything: bool = True) -> Table:
    """The rows for a terminal."""
    table = Table(title=Text(f"{verdict.file.repo}/{verdict.file.path}"))
    for heading in ("stage", "rule", "found", "allowed", "line", "text", ""):
        table.add_column(heading, overflow="fold")
    for row in verdict.rows:
        if everything or not row.passed:
            mark = Text("passes", "green") if row.passed else Text("drops", "red")
            cells = (row.stage, row.rule, row.value, row.allowed, row.where, row.matched)
            table.add_row(*map(Text, cells), mark)
    return table
