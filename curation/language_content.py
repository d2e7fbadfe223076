"""Which language a text is in where its name leaves that open: editor marks, then telling patterns.

Extensions such as `.h` or `.pl` belong to several languages. Linguist settles them with patterns,
and so does this; the patterns here are our own. A language outside the table of
`inkling.languages` gets its usual name, so that a run can say what it left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from inkling.languages import BY_NAME, detect_language, from_lsp_id

_HEAD = 20_000
_MARK_LINES = 5
_VIM = re.compile(r"(?:^|\s)(?:vim?|ex):\s*(?:set?\s.*?)?(?:ft|filetype|syntax)=([\w+#-]+)")
_EMACS = re.compile(r"-\*-\s*(?:.*?mode:\s*)?([\w+#-]+)\s*(?:;.*?)?-\*-", re.IGNORECASE)
_MODES = {
    "bash": "shell",
    "cpp": "c++",
    "cs": "c#",
    "js": "javascript",
    "make": "makefile",
    "makefile-gmake": "makefile",
    "py": "python",
    "python3": "python",
    "sh": "shell",
    "shell-script": "shell",
    "zsh": "shell",
}


@dataclass(frozen=True)
class Pattern:
    """A language that a text is taken for if the pattern occurs at the start of a line."""

    language: str
    pattern: re.Pattern[str]


def _rows(*pairs: tuple[str, str]) -> tuple[Pattern, ...]:
    return tuple(Pattern(name, re.compile(text, re.MULTILINE)) for name, text in pairs)


_CPP = (
    r"^\s*#\s*include\s*<(?:cstdint|string|vector|map|list|array|iostream|memory|algorithm)>"
    r"|^\s*template\s*<|^\s*(?:public|private|protected):|^\s*using\s+namespace\b"
    r"|^\s*(?:namespace\s+[\w:]+\s*\{|class\s+\w+[^;]*\{)|\bstd::|\bconstexpr\b|\bnullptr\b"
)
_OBJECTIVE_C = (
    r"^\s*(?:@(?:interface|class|protocol|property|end|implementation)\b|#import\s+[<\"])"
)
_XML = r"\A\s*<\?xml\b|\A\s*<!DOCTYPE\s+TS\b|\A\s*<TS\b"
AMBIGUOUS: dict[str, tuple[Pattern, ...]] = {
    ".h": _rows(("objective-c", _OBJECTIVE_C), ("c++", _CPP)),
    ".ts": _rows(("xml", _XML)),
    ".pl": _rows(
        ("prolog", r"^\s*:-\s*\w+\s*[(\[]|^\w+\([^)\n]*\)\s*:-"),
        ("perl", r"^\s*(?:use\s+(?:strict|warnings|v?5)|my\s+[$@%]|sub\s+\w+)"),
    ),
    ".pm": _rows(("x-pixmap", r"\A/\*\s*XPM")),
    ".r": _rows(("rebol", r"^\s*rebol\s*\["), ("rez", r"^\s*(?:resource|data)\s+'\w{4}'")),
    ".cs": _rows(("smalltalk", r"^![\w\s]+methodsFor:")),
    ".rs": _rows(("xml", _XML), ("renderscript", r"^\s*#\s*pragma\s+rs\s+java_package_name")),
    ".php": _rows(("hack", r"\A(?:#!.*\n)?\s*<\?hh\b")),
    ".html": _rows(("xml", r"\A\s*<\?xml\b(?![^>]*>\s*<!DOCTYPE\s+html)")),
    ".md": _rows(("gcc-machine-description", r"^\(define_(?:insn|expand|attr)\b")),
    ".sc": _rows(("supercollider", r"^\s*(?:SynthDef|Server|\(\s*SynthDef)\b|\.play\s*;?\s*$")),
}  # fmt: skip
# For files whose name says nothing at all; each pattern must be one no other language has.
_NAMELESS = _rows(
    ("html", r"\A\s*<!DOCTYPE\s+html\b|\A\s*<html\b"),
    ("php", r"\A\s*<\?php\b"),
    ("xml", r"\A\s*<\?xml\b"),
)


@dataclass(frozen=True)
class Detected:
    """A language by name, and what gave it away: `name`, `mark`, `first line` or `content`.

    `span` says where, for what stands in the text.
    """

    language: str
    by: str
    span: tuple[int, int] | None = None

    @property
    def known(self) -> bool:
        return self.language in BY_NAME


def detect(path: str, text: str) -> Detected | None:
    """The language of a file, by an editor's mark, its name, its first line, then its content."""
    head = text[:_HEAD]
    marked = _editor_mark(text)
    if marked is not None:
        return marked
    first_line = head[:200].split("\n", 1)[0]
    suffix = PurePath(path).suffix.lower()
    for row in AMBIGUOUS.get(suffix, ()):
        if match := row.pattern.search(head):
            return Detected(row.language, "content", match.span())
    by_name = detect_language(path)
    if by_name is not None:
        return Detected(by_name.name, "name")
    by_line = detect_language(path, first_line)
    if by_line is not None:
        return Detected(by_line.name, "first line", (0, len(first_line)))
    if not suffix:
        for row in _NAMELESS:
            if match := row.pattern.search(head):
                return Detected(row.language, "content", match.span())
    return None


def _editor_mark(text: str) -> Detected | None:
    """The known language that a Vim or Emacs mark in the first or last lines names."""
    lines = text[:2_000].splitlines()[:_MARK_LINES] + text[-1_000:].splitlines()[-_MARK_LINES:]
    for line in lines:
        mark = _VIM.search(line) or (_EMACS.search(line) if "-*-" in line else None)
        if mark is not None:
            name = mark[1].lower()
            row = from_lsp_id(_MODES.get(name, name))
            if row is not None:
                start = text.find(mark[0])
                return Detected(row.name, "mark", (start, start + len(mark[0])))
    return None
