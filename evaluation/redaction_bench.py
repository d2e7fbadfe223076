"""`python -m evaluation redaction`: planted secrets that survive, and false alarms in clean code.

Canaries: made-up secrets of some twenty kinds, each planted in lines of Python, YAML, shell and
other forms as people write them. Clean code: files that are no one's secret, of the standard
library, a corpus or folders; every span that is found there is listed by kind and rule, so the list
can be looked through. A corpus that was redacted before holds stand-ins only, so all of its spans
are false; elsewhere some are real (authors' addresses).
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from curation.corpus import read_documents
from curation.pii.classifier import folder_of, load_classifier
from curation.redaction.canaries import FORMS, KINDS, Canary, plant
from curation.redaction.redact import find_spans, redact
from curation.sources.environment import list_standard_library
from curation.sources.folder import list_folder
from inkling.languages import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from curation.pii.classifier import TokenClassifier

_MOST_CHARACTERS = 500_000


@dataclass(frozen=True)
class RedactionBench:
    """Count planted secrets that survive, and what is found in clean code."""

    corpus: Path | None = None
    """A corpus to take clean code from (default: this Python's standard library)."""
    folders: tuple[Path, ...] = ()
    """Folders to take it from instead: files of every language but Python."""
    mb: float = 50.0
    """At most so much clean code."""
    pii: str | None = None
    """With a token classifier: 'shipped', or its folder."""
    canaries: int = 10
    """Planted secrets of each kind, each in every form."""
    show: int = 20
    """At most so many values found in clean code to list, each with its rule."""

    def run(self) -> int:
        classifier = None if self.pii is None else load_classifier(folder_of(self.pii))
        console = Console()
        survived = surviving(self.canaries, classifier)
        total = self.canaries * len(KINDS)
        console.print(
            f"{total} canaries of {len(KINDS)} kinds, each in {len(FORMS)} forms: "
            f"{total * len(FORMS) - len(survived)} redacted, {len(survived)} survived."
        )
        console.print(_survivors_table(survived, self.canaries))
        self._false_alarms(classifier, console)
        return 0

    def _all_texts(self) -> Iterable[tuple[str | None, str]]:
        if self.folders:
            return chain.from_iterable(map(_other_files, self.folders))
        if self.corpus is not None:
            return (("python", document.text) for document in read_documents(self.corpus))
        return (
            ("python", Path(file.location).read_text(encoding="utf-8", errors="replace"))
            for file in list_standard_library()
        )

    def _false_alarms(self, classifier: TokenClassifier | None, console: Console) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        examples: list[str] = []
        files = size = 0
        started = time.process_time()
        found = _texts(self._all_texts(), self.mb)
        for language, text in track(found, "looking for secrets", transient=True):
            files += 1
            size += len(text.encode())
            for span in find_spans(text, language, classifier):
                counts[(span.kind, span.rule)] += 1
                examples.append(f"{span.kind} {span.rule}: {text[span.start : span.end][:60]!r}")
        seconds = time.process_time() - started
        table = Table(
            title=f"found in {size / 1e6:.1f} MB of clean code, {files:,} files, "
            f"{size / 1e6 / max(seconds, 1e-9):.2f} MB/s of a core"
        )
        for heading in ("kind", "rule", "found"):
            table.add_column(heading, justify="right" if heading == "found" else "left")
        for (kind, rule), count in counts.most_common():
            table.add_row(kind, rule, f"{count:,}")
        console.print(table)
        step = max(1, len(examples) // max(1, self.show))
        for example in examples[::step][: self.show]:
            console.print(f"  {example}", markup=False)


def surviving(each: int, classifier: TokenClassifier | None = None) -> list[Canary]:
    """The planted secrets that redaction leaves."""
    return [
        canary
        for canary in plant(seed=23, each=each)
        if canary.secret in redact(f"{canary.line}\n", canary.language, classifier).text
    ]


def _survivors_table(survived: list[Canary], each: int) -> Table:
    counts = Counter((canary.kind, canary.form) for canary in survived)
    table = Table(title=f"survivors of {each} canaries, by kind and form", box=None)
    table.add_column("kind", no_wrap=True)
    for form in FORMS:
        table.add_column(form, justify="right")
    for kind in KINDS:
        table.add_row(kind, *(str(counts[kind, form]) for form in FORMS))
    return table


def _texts(
    found: Iterable[tuple[str | None, str]], megabytes: float
) -> Iterator[tuple[str | None, str]]:
    """Texts that aren't too large, with their languages, up to so many megabytes in all."""
    left = megabytes * 1e6
    for language, text in found:
        if left <= 0:
            return
        if len(text) <= _MOST_CHARACTERS:
            left -= len(text)
            yield language, text


def _other_files(folder: Path) -> Iterator[tuple[str | None, str]]:
    """Text of the files of a folder that aren't Python; what can't be read is passed by."""
    for file in list_folder(folder):
        found = detect_language(file.path)
        if (
            file.flaw is not None
            or file.bytes > _MOST_CHARACTERS
            or (found is not None and found.name == "python")
        ):
            continue
        try:
            text = Path(file.location).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            continue
        if "\0" not in text:
            yield found.name if found else None, text
