"""`python -m evaluation redaction`: planted secrets that survive, and false alarms in clean code.

Canaries: made-up secrets of some twenty kinds, planted in lines as people write them. Clean code:
files that are no one's secret, the standard library or a corpus; every span that is found there is
listed by kind and rule, so the list can be looked through. A corpus that was redacted before holds
stand-ins only, so all of its spans are false; elsewhere some are real (authors' addresses).
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import track
from rich.table import Table

from curation.corpus import read_documents
from curation.pii.classifier import folder_of, load_classifier
from curation.redaction.canaries import KINDS, plant
from curation.redaction.redact import find_spans, redact
from curation.sources.environment import list_standard_library

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from curation.pii.classifier import TokenClassifier

_MOST_CHARACTERS = 500_000


@dataclass(frozen=True)
class RedactionBench:
    """Count planted secrets that survive, and what is found in clean code."""

    corpus: Path | None = None
    """A corpus to take clean code from (default: this Python's standard library)."""
    mb: float = 50.0
    """At most so much clean code."""
    pii: str | None = None
    """With a token classifier: 'shipped', or its folder."""
    canaries: int = 10
    """Planted secrets of each kind."""
    show: int = 20
    """At most so many values found in clean code to list, each with its rule."""

    def run(self) -> int:
        classifier = None if self.pii is None else load_classifier(folder_of(self.pii))
        console = Console()
        survived = surviving(self.canaries, classifier)
        total = self.canaries * len(KINDS)
        console.print(
            f"{total} canaries of {len(KINDS)} kinds: {total - len(survived)} redacted, "
            f"{len(survived)} survived{': ' + ', '.join(survived) if survived else ''}."
        )
        self._false_alarms(classifier, console)
        return 0

    def _false_alarms(self, classifier: TokenClassifier | None, console: Console) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        examples: list[str] = []
        files = size = 0
        started = time.process_time()
        for text in track(_texts(self.corpus, self.mb), "looking for secrets", transient=True):
            files += 1
            size += len(text.encode())
            for span in find_spans(text, "python", classifier):
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


def surviving(each: int, classifier: TokenClassifier | None = None) -> list[str]:
    """Kinds of the planted secrets that redaction leaves."""
    return [
        kind
        for kind, secret, line in plant(seed=23, each=each)
        if secret in redact(f"{line}\n", "python", classifier).text
    ]


def _texts(corpus: Path | None, megabytes: float) -> Iterator[str]:
    left = megabytes * 1e6
    for text in _all_texts(corpus):
        if left <= 0:
            return
        if len(text) <= _MOST_CHARACTERS:
            left -= len(text)
            yield text


def _all_texts(corpus: Path | None) -> Iterable[str]:
    if corpus is not None:
        return (document.text for document in read_documents(corpus))
    return (
        Path(file.location).read_text(encoding="utf-8", errors="replace")
        for file in list_standard_library()
    )
