"""Generic code: mixed into training against forgetting, and held out to measure what was forgotten.

It comes from a corpus if one is named, else from this Python's standard library.
"""

from __future__ import annotations

import hashlib
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.corpus import HELDOUT, TRAIN, CorpusDocument, read_documents
from inkling.languages import detect_language

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 4_000_000
_HELDOUT_MODULO = 5


@dataclass(frozen=True)
class Generic:
    """Documents to replay, and others to measure."""

    replay: list[CorpusDocument]
    measured: list[CorpusDocument]


def read_generic(corpus: Path | None, languages: tuple[str, ...]) -> Generic:
    """Some millions of bytes of either side, in an order that doesn't depend on the machine."""
    if corpus is not None:
        return Generic(
            list(_some(read_documents(corpus, TRAIN))),
            list(_some(read_documents(corpus, HELDOUT))),
        )
    if languages and "python" not in languages:
        return Generic([], [])
    replay: list[CorpusDocument] = []
    measured: list[CorpusDocument] = []
    for document in _some(_standard_library()):
        aside = int(document.id[:8], 16) % _HELDOUT_MODULO == 0
        (measured if aside else replay).append(document)
    return Generic(replay, measured)


def _some(documents: Iterator[CorpusDocument]) -> Iterator[CorpusDocument]:
    left = _MOST_BYTES
    for document in documents:
        left -= len(document.text)
        if left < 0:
            return
        yield document


def _standard_library() -> Iterator[CorpusDocument]:
    """Top-level modules and packages without tests and data."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.glob("*.py")) + sorted(root.glob("[a-km-z]*/[a-z]*.py")):
        relative = path.relative_to(root)
        if relative.parts[0] in ("idlelib", "test", "site-packages", "lib2to3"):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        language = detect_language(path)
        if language is not None and text.strip() and len(text) < 200_000:
            yield _document(relative.as_posix(), text, language.name)


def _document(path: str, text: str, language: str) -> CorpusDocument:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return CorpusDocument(
        id=digest,
        text=text,
        text_sha256=digest,
        line_map=None,
        repo="python-standard-library",
        path=path,
        revision=None,
        language=language,
        license="PSF-2.0",
        license_source="metadata",
        committed_at=None,
        stars=None,
        split=TRAIN,
        stages="{}",
    )
