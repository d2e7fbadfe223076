"""Finds the values that a line gives to a password, key or token, in the forms that people write.

Quoted (`password = "…"`) in any language; bare (`password: …`, `export API_TOKEN=…`, `ENV KEY …`)
where a bare word is a value: in configuration, shell and prose, but in code only inside strings and
comments, since elsewhere it is a variable or a type. Commands (`curl -u`, `mysql -p`), headers and
pairs for `auth=` as well. Whether a value is likely a secret is judged here too; tokens that are
known by their own shape are not this file's concern.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BARE_LANGUAGES = frozenset({"yaml", "shell", "dockerfile", "makefile", "toml", "markdown", "cmake"})
"""Names of `inkling.languages` in whose files an unquoted word may be a value."""


@dataclass(frozen=True)
class NamedValue:
    """`line[start:end]` is the value; `rule` names the form, for reports."""

    start: int
    end: int
    rule: str


_PASSWORD_NAME = (
    r"(?:(?i:passw(?:or)?d|passwd|passphrase|pwd)|(?<![A-Za-z])(?i:pass)|(?<=[a-z])Pass)"
)
_KEY_NAME = (
    r"(?i:(?:api|access|account|auth|encryption|license|master|private|secret|service|shared"
    r"|signing|storage)[_-]?key(?:[_-]?base)?|secret|token|credentials?|_auth)"
)
# A name ends with the telling word: `password_file` and `tokenizer` hold something else.
_NAME = rf"(?:(?P<password>{_PASSWORD_NAME})|{_KEY_NAME})\d?"
_QUOTED = re.compile(
    rf"(?:(?P<password>{_PASSWORD_NAME}\w{{0,20}})|{_KEY_NAME}\d?)['\"]?\]?\s{{0,4}}"
    r"(?::\s{0,4}str\s{0,4})?(?:=>|:=|={1,3}|:)\s{0,4}[bru]?"
    r"(?P<quote>['\"])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n]){6,200})(?P=quote)"
)
_LINE = re.compile(
    rf"{_NAME}(?P<close>['\"]?)[ \t]*(?P<sign>[:=]|(?<=\w)[ \t])[ \t]*"
    r"(?P<quote>['\"]?)(?P<value>[^\s'\"`]\S*?)(?P=quote)[ \t]*\\?(?:[ \t]#.*)?[ \t\r]*$"
)
_LINE_START = re.compile(
    r"[ \t]*(?:(?:[-*>#;]|//|--)[ \t]*)?(?P<word>(?:export|set|setx|declare -x|ENV|ARG)[ \t]+)?"
    r"(?:Environment=)?['\"]?(?:[\w./:-]*[\w./:-])?$"
)
_INLINE = re.compile(rf"{_NAME}=(?P<value>[^\s\"'`&;,(){{}}<>|\[\]\\]+)(?=[\s\"'`&;,)\]}}]|\\|$)")
_FLOW = re.compile(rf"{_NAME}['\"]?:[ \t]+(?P<value>[^\s\"'`,(){{}}\[\]]+)(?=\s*[,}}])")
_FLOW_START = re.compile(r"[{,]\s*['\"]?[\w.-]*$")
_OPTION = re.compile(
    r"(?<!\S)--?(?:password|passwd|passphrase|(?:(?:api|auth|access)-?)?(?:key|token)|secret)[ \t]+"
    r"(?P<quote>['\"]?)(?P<value>[^\s'\"]+)(?P=quote)(?=[\s'\"`;)]|$)"
)
_COMMANDS = (
    re.compile(
        r"\bcurl\b[^|;\n]{0,500}?\s(?:-\w{0,6}[uU]|--user|--proxy-user)[ =]?\\?(?P<quote>['\"]?)"
        r"[^\s:'\"@/]{1,80}:['\"]?(?P<value>[^\s'\"\\]+)"
    ),
    re.compile(
        r"\b(?:mysql|mysqladmin|mysqldump|mysqlimport|mariadb|mariadb-dump)\b[^|;\n]{0,300}?\s-p"
        r"(?P<quote>['\"]?)(?P<value>[^\s'\"=-][^\s'\"]*)"
    ),
    re.compile(r"\bsshpass\s+-p\s*(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"),
    re.compile(
        r"\b(?:docker|podman|helm registry|az|oc)\s+login\b[^|;\n]{0,300}?\s-p\s+"
        r"(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"
    ),
)
_STRING = r"(?P<{0}quote>['\"])(?P<{0}value>(?:\\.|(?!(?P={0}quote))[^\\\n]){{{1}}})(?P={0}quote)"
_PAIR = re.compile(
    r"(?:\bauth\s*=\s*(?:[\w.]+)?|\b\w*(?:Basic|Digest|Proxy)Auth)\(\s*[bru]?"
    + _STRING.format("user", "0,80")
    + r"\s*,\s*[bru]?"
    + _STRING.format("", "4,200")
)
_SQL = re.compile(r"\b(?i:identified\s+by|password)\s+(?P<quote>')(?P<value>[^'\n]{6,200})'")
_HEADER = re.compile(
    r"(?:\b[Bb]earer|(?i:authorization)['\"]?\s*[:=,]\s*['\"]?(?i:basic|token|apikey|api-key))[ ]+"
    r"(?P<value>[A-Za-z0-9._~+/-]{16,}=*)"
)
_SCENT = re.compile(
    r"pass|pwd|secret|token|key|credential|_auth|auth=|Auth\(|bearer|authorization|curl|identified"
    r"|mysql|mariadb|login",
    re.IGNORECASE,
)
_STRINGS = re.compile(r"(['\"`])((?:\\.|(?!\1)[^\\])*)(?:\1|$)")
_COMMENT = re.compile(r"(?:^\s*(?:\*|--|;|/\*)|(?:^|\s)(?:#|//))\s")


def named_values(line: str, in_code: bool = False) -> Iterator[NamedValue]:
    """Likely secrets among the values that a line gives to a password, key or token.

    Args:
        in_code: bare values count only inside the line's strings and after its comment sign.
    """
    if not _SCENT.search(line):
        return
    for match in _QUOTED.finditer(line):
        value = _unescaped(match["value"], match["quote"])
        if is_password(value) and (match["password"] or is_long_key(value)):
            yield _named(match, "assigned_secret")
    for pattern in _COMMANDS:
        for match in pattern.finditer(line):
            if is_weak_password(match["value"]) and _is_no_reference(match["value"], "="):
                yield _named(match, "command_password")
    for match in _PAIR.finditer(line):
        if is_weak_password(_unescaped(match["value"], match["quote"])):
            yield _named(match, "auth_pair")
    for match in _SQL.finditer(line):
        if is_password(match["value"]):
            yield _named(match, "sql_password")
    for match in _HEADER.finditer(line):
        if is_key(match["value"]):
            yield _named(match, "authorization")
    for start, end in _bare_regions(line) if in_code else [(0, len(line))]:
        for found in _bare_values(line[start:end]):
            yield NamedValue(start + found.start, start + found.end, found.rule)


def _named(match: re.Match[str], rule: str) -> NamedValue:
    return NamedValue(match.start("value"), match.end("value"), rule)


def _bare_regions(line: str) -> Iterator[tuple[int, int]]:
    """Where in a line of code words are no code: in its strings and in its comment."""
    comment = _COMMENT.search(line)
    end = comment.end() if comment else len(line)
    for match in _STRINGS.finditer(line, 0, end):
        yield match.span(2)
    if comment:
        yield end, len(line)


def _bare_values(text: str) -> Iterator[NamedValue]:
    if (match := _LINE.search(text)) and (start := _LINE_START.match(text, 0, match.start())):
        spaced = match["sign"] in " \t"
        if (not spaced or (start["word"] or "").startswith(("ENV", "setx"))) and _is_bare(match):
            yield _named(match, "bare_value")
    for match in _INLINE.finditer(text):
        if _is_bare(match):
            yield _named(match, "bare_value")
    for match in _FLOW.finditer(text):
        if _FLOW_START.search(text, max(0, match.start() - 80), match.start()) and _is_bare(match):
            yield _named(match, "bare_value")
    for match in _OPTION.finditer(text):
        if is_bare_secret(match["value"], "=", password="pass" in match[0]):
            yield _named(match, "command_option")


def _is_bare(match: re.Match[str]) -> bool:
    sign = match.groupdict().get("sign") or "="
    return is_bare_secret(match["value"], sign, match["password"] is not None)


# --- what a secret looks like -------------------------------------------------------------------

_PLACEHOLDER = re.compile(
    r"example|sample|dummy|placeholder|redacted|changeme|change[-_]me|your|foobar|test|fake|mock"
    r"|default|x{4}|\*\*\*|\.\.\.|12345|abcdef|(.)\1{5}",
    re.IGNORECASE,
)
_ORDINARY = frozenset(
    ["pass", "password", "passwd", "pwd", "secret", "token", "user", "username", "admin",
    "root", "key", "pw", "string", "none", "null", "hunter2", "letmein", "qwerty"]
)  # fmt: skip
_CODE = re.compile(r"[\s{}()<>\[\]\\]|%[sdr]\b|^\$|\$[A-Za-z_]{3,}\b")
_EXPRESSION = re.compile(
    r"[\s\\]|\w{4}[(\[{]|[${%][{(]|\)[.(]|%[sdr]\b|\{\w*\}|\(\w*\)|<\w*>|\[\w*\]|^[${<]"
)
_REFERENCE = re.compile(
    r"[$<{(\[`]|\.{1,2}/|~/|%\w+%$|@@|\w+[({\[]|[\w.-]+\.(?:[A-Za-z]{1,4}|json|ya?ml|properties)$"
    r"|[A-Za-z_]\w{0,19}(?:(?:\.|::|->)\w{1,20})+$|[A-Za-z]\w{1,11}:",
)
_YAML_SIGNS = frozenset("!&*|>,#")
_WORD_ENDS = re.compile(r"[-_.]|(?<=[a-z])(?=[A-Z])")
_NUMBERED_WORD = re.compile(r"([A-Za-z]+)\d{0,3}")
_TELLING = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_PARTS = re.compile(r"(?:[A-Za-z]+\d{0,2}|v?\d{1,4})(?:[-_./](?:[A-Za-z]+\d{0,2}|v?\d{1,4}))+")
_SHORTEST_KEY = 10
_SHORTEST_RANDOM = 24
_BASE64_ENTROPY = 4.3


def is_password(value: str) -> bool:
    """Whether a value that is given to a secret's name can be one: not code, no word."""
    if len(value) < 6 or len(value) > 200 or is_placeholder(value):
        return False
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    if not letters or not digits or entropy(value) < 2.3:
        return False
    return not _CODE.search(value) or _is_random(value)


def is_weak_password(value: str) -> bool:
    """As `is_password`, for places that hold nothing but passwords: letters alone will do."""
    return (
        6 <= len(value) <= 200
        and not is_placeholder(value)
        and not _CODE.search(value)
        and not _TELLING.search(value)
        and entropy(value) > 1.5
    )


def is_bare_secret(value: str, sign: str, password: bool) -> bool:
    """Whether an unquoted value can be a secret: as `is_password`, and it refers to nothing.

    Args:
        sign: what stands between name and value.
        password: whether the name is a password's; other names must have longer values.
    """
    if value[-1:] in ",;({[" or not _is_no_reference(value, sign) or not is_password(value):
        return False
    return not _is_ordinary(value) and (password or is_long_key(value))


def is_long_key(value: str) -> bool:
    """Whether a value is long and mixed enough for a key or token, and not words with numbers."""
    return len(value) >= _SHORTEST_KEY and entropy(value) > 2.8 and not _PARTS.fullmatch(value)


def is_key(value: str) -> bool:
    """Whether what has a key's shape can be a real one: not a word, not a stand-in."""
    return any(map(str.isdigit, value)) and not is_placeholder(value) and entropy(value) > 2.5


def is_placeholder(value: str) -> bool:
    """Whether a value says itself that it is none, or is what everybody writes."""
    return value.lower() in _ORDINARY or _PLACEHOLDER.search(value) is not None


def entropy(value: str) -> float:
    """Shannon entropy of a string's characters, bits a character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def _is_no_reference(value: str, sign: str) -> bool:
    if any(bracket in value for bracket in "([{"):
        return _is_random(value)
    if _REFERENCE.match(value) or (value[0] == "/" and entropy(value) < _BASE64_ENTROPY):
        return False
    return sign != ":" or value[0] not in _YAML_SIGNS


def _is_ordinary(value: str) -> bool:
    """Whether a value is a name such as `db_password2`: a word for secrets among its parts."""
    words = [_NUMBERED_WORD.fullmatch(word) for word in _WORD_ENDS.split(value) if word]
    return None not in words and any(word[1].lower() in _ORDINARY for word in words if word)


def _is_random(value: str) -> bool:
    """Whether a long value with brackets or signs is a generated key and no expression."""
    return len(value) >= _SHORTEST_RANDOM and entropy(value) >= 4 and not _EXPRESSION.search(value)


def _unescaped(value: str, quote: str) -> str:
    """A quoted value as it is meant, as far as its escapes are of quotes and of themselves."""
    return re.sub(rf"\\([{quote}\\])", r"\1", value)
