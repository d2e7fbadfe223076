"""What the editor's user hides from it: globs, as VS Code's `files.exclude` has them.

A hidden file is treated like one that git ignores: it can be edited, but nothing of it is read for
other files. A pattern is matched against the path below a workspace folder, from its beginning;
what hides a folder hides all in it. `*` and `?` stop at `/`, `**` doesn't; `{a,b}` and `[a-z]` as
usual.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygls.uris import to_fs_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Hides = Callable[[Path], bool]

_BASENAME = "$(basename)"
_TOKENS = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?[^\]/]+\]|[{},]|[^*?\[{},]+|.", re.DOTALL)


@dataclass(frozen=True)
class Exclusion:
    """One pattern.

    Attributes:
        folder: below which it holds; None: below every workspace folder.
        sibling: hides only files that have this file beside them, `$(basename)` standing for the
            name without its suffix; "" hides always.
    """

    pattern: str
    folder: Path | None = None
    sibling: str = ""

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        below = "" if self.sibling else "(?:/.*)?"
        return re.compile(f"(?:{expression_of(self.pattern)}){below}", re.DOTALL)

    def hides(self, path: Path, folders: Sequence[Path]) -> bool:
        """Whether it hides `path`, or a folder that holds it."""
        return any(
            self._hides_below(path, folder)
            for folder in (folders if self.folder is None else (self.folder,))
            if path.is_relative_to(folder)
        )

    def _hides_below(self, path: Path, folder: Path) -> bool:
        if not self._expression.fullmatch(path.relative_to(folder).as_posix()):
            return False
        beside = self.sibling.replace(_BASENAME, path.stem)
        return not beside or path.with_name(Path(beside).name).exists()


def is_hidden(path: Path, exclusions: Sequence[Exclusion], folders: Sequence[Path]) -> bool:
    """Whether a file of the workspace `folders` is hidden by any of the patterns."""
    return any(exclusion.hides(path, folders) for exclusion in exclusions)


def read_exclusions(value: Any) -> tuple[Exclusion, ...] | None:
    """The patterns that a client names: a list of globs, or of objects with `pattern`, `baseUri`
    (URI of the folder) and `when` (the sibling); None if it is of another shape."""
    if not isinstance(value, list):
        return None
    read = [_read(item) for item in value]
    known = [exclusion for exclusion in read if exclusion is not None]
    return tuple(known) if len(known) == len(read) else None


def _read(item: Any) -> Exclusion | None:
    if isinstance(item, str):
        item = {"pattern": item}
    if not isinstance(item, dict) or not set(item) <= {"pattern", "baseUri", "when"}:
        return None
    pattern, base, when = item.get("pattern"), item.get("baseUri"), item.get("when", "")
    if not isinstance(pattern, str) or not isinstance(when, str) or not _is_glob(pattern):
        return None
    if base is None:
        return Exclusion(pattern, None, when)
    folder = to_fs_path(base) if isinstance(base, str) and base.startswith("file:") else None
    return Exclusion(pattern, Path(folder), when) if folder else None


def _is_glob(pattern: str) -> bool:
    try:
        re.compile(expression_of(pattern))
    except re.error:
        return False
    return bool(pattern)


def expression_of(pattern: str) -> str:
    """The regular expression that matches whole paths as the glob `pattern` does."""
    depth, parts = 0, []
    for token in _TOKENS.findall(pattern.removeprefix("/").removesuffix("/")):
        if token == "{":
            depth += 1
            parts.append("(?:")
        elif token == "}" and depth:
            depth -= 1
            parts.append(")")
        elif token == "," and depth:
            parts.append("|")
        else:
            parts.append(_expression_of_token(token))
    return "".join(parts) + ")" * depth


def _expression_of_token(token: str) -> str:
    simple = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token in simple:
        return simple[token]
    if len(token) > 2 and token.startswith("["):
        negated, inside = token[1] in "!^", token[1:-1].lstrip("!^")
        return f"[{'^/' if negated else ''}{_class(inside)}]" if inside else re.escape(token)
    return re.escape(token)


def _class(inside: str) -> str:
    return re.sub(r"([\\\[\]^&~|])", r"\\\1", inside)
