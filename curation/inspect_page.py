"""`python -m curation inspect`: samples of each language with their verdicts, as one HTML page.

The page needs no network and runs no script; everything from a file is escaped.
"""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING

from curation.explain import Verdict, judge_file
from curation.formats.notebook import is_notebook
from curation.language_content import detect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from curation.sources.source_file import SourceFile
    from curation.stages.stage import Stage

_SHOWN_LINES = 60
_SHOWN_WIDTH = 160
_WITHHELD = (
    "(The text isn't shown: the file is a secret, holds a private key, or is to be left out.)"
)
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
  color: #1b1b1b; background: #fcfcfa; }
@media (prefers-color-scheme: dark) { body { color: #e6e6e6; background: #161616; } }
h2 { margin-top: 2.5rem; text-transform: capitalize; }
details { border-top: 1px solid #8884; padding: .3rem 0; }
summary { cursor: pointer; display: flex; gap: 1rem; }
summary b { flex: 1; font-weight: 500; overflow-wrap: anywhere; }
.keep { color: #2a7d2a; } .drop { color: #c0392b; }
pre { overflow-x: auto; font-size: 13px; padding: .6rem; background: #8881; }
table { border-collapse: collapse; font-size: 13px; } td, th { padding: .1rem .8rem .1rem 0;
  text-align: left; vertical-align: top; overflow-wrap: anywhere; }
"""


def draw_samples(
    files: Iterable[SourceFile], languages: tuple[str, ...], each: int, notebooks: bool = False
) -> dict[str, list[SourceFile]]:
    """Up to `each` files a language, drawn by a hash of their names, so again the same ones.

    Commits and discussions go by their format.

    Args:
        languages: to draw from; empty: all known ones. Languages go by name here.
        notebooks: whether to draw notebooks as well.
    """
    by_language: dict[str, list[SourceFile]] = {}
    for file in files:
        if file.format is not None:  # what a commit or a discussion shows isn't what a file does
            by_language.setdefault(file.format, []).append(file)
            continue
        if notebooks and is_notebook(file.path):
            by_language.setdefault("notebook", []).append(file)
            continue
        found = detect(file.path, "")
        if found is not None and (not languages or found.language in languages):
            by_language.setdefault(found.language, []).append(file)
    return {
        language: sorted(listed, key=_rank)[:each]
        for language, listed in sorted(by_language.items())
    }


def _rank(file: SourceFile) -> bytes:
    return hashlib.sha256(f"{file.repo}/{file.path}".encode()).digest()


def inspect_page(
    samples: dict[str, list[SourceFile]],
    stages: Sequence[Stage],
    judged: Callable[[], object] = lambda: None,
) -> str:
    """The page.

    Args:
        judged: called after each file, for a progress bar.
    """
    sections = []
    for language, files in samples.items():
        verdicts = []
        for file in files:
            verdicts.append(judge_file(file, stages))
            judged()
        kept = sum(verdict.dropped_by is None for verdict in verdicts)
        rows = "\n".join(map(_sample, verdicts))
        sections.append(
            f"<h2>{escape(language)}</h2>\n<p>{kept} of {len(verdicts)} samples are kept "
            f"(duplicates aside).</p>\n{rows}"
        )
    body = "\n".join(sections) or "<p>The sources hold no file of these languages.</p>"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Curation samples</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>Curation samples</h1>\n{body}\n</body>\n</html>\n"
    )


def _sample(verdict: Verdict) -> str:
    dropped = verdict.dropped_by
    mark = f"{dropped.stage}: {dropped.rule}" if dropped else "kept"
    name = f"{verdict.file.repo}/{verdict.file.path}"
    rows = "".join(
        f'<tr class="{"keep" if row.passed else "drop"}"><td>{escape(row.stage)}</td>'
        f"<td>{escape(row.rule)}</td><td>{escape(row.value)}</td><td>{escape(row.allowed)}</td>"
        f"<td>{escape(row.where)}</td><td>{escape(row.matched)}</td></tr>"
        for row in verdict.rows
    )
    lines = (_WITHHELD if verdict.shown is None else verdict.shown).splitlines()
    shown = "\n".join(line[:_SHOWN_WIDTH] for line in lines[:_SHOWN_LINES])
    more = f"\n… {len(lines) - _SHOWN_LINES:,} more lines" if len(lines) > _SHOWN_LINES else ""
    return (
        f'<details><summary><b>{escape(name)}</b><span class="{"drop" if dropped else "keep"}">'
        f"{escape(mark)}</span></summary>\n<table><tr><th>stage</th><th>rule</th><th>found</th>"
        f"<th>allowed</th><th>line</th><th>text</th></tr>{rows}</table>\n"
        f"<pre>{escape(shown + more)}</pre></details>"
    )
