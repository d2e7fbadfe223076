"""What passwords, keys and tokens are called, and the strings that hold them: parts of patterns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NamedValue:
    """`text[start:end]` is the value; `rule` names the form, for reports."""

    start: int
    end: int
    rule: str


PASSWORD_NAME = (
    r"(?:(?i:passw(?:or)?d|passwd|pass_?phrase|pwd|requirepass|masterauth)"
    r"|(?<![A-Za-z])(?i:pass|pw)|(?<=[a-z])Pass)"
)
KEY_NAME = (
    r"(?i:(?:api|access|account|auth|encryption|license|master|private|secret|service|shared"
    r"|signing|storage)[_ -]?key(?:[_-]?base)?|secret|token|credentials?|authorization|_auth)"
)
NAME = rf"(?:(?P<password>{PASSWORD_NAME})|{KEY_NAME})\d?"
"""A name ends with the telling word: `password_file` and `tokenizer` hold something else."""
ARGUMENT = (
    r"(?>(?:[^,(){}\[\]'\"\n]++|'[^'\n]*+'|\"[^\"\n]*+\"|\([^()\n]*+\)|\[[^\[\]\n]*+\]"
    r"|\{(?:[^{}\n]|\{[^{}\n]*+\})*+\})*+),"
)
"""One argument of a call, with its comma; brackets in brackets only where braces are."""


def string(shortest: int, longest: int = 200, prefix: str = "") -> str:
    """A pattern of a quoted string: groups `quote` and `value`, their names behind a prefix."""
    quote, value = f"{prefix}quote", f"{prefix}value"
    inside = rf"(?:\\.|(?!(?P={quote}))[^\\\n]){{{shortest},{longest}}}"
    return rf"(?P<{quote}>['\"])(?P<{value}>{inside})(?P={quote})"
