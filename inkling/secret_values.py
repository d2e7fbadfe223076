"""Finds the values that a line gives to a password, key or token, in the forms that people write.

Quoted (`password = "…"`) in any language; bare (`password: …`, `export API_TOKEN=…`, `ENV KEY …`)
where a bare word is a value: in configuration, shell and prose, but in code only inside strings and
comments, since elsewhere it is a variable or a type. Commands (`curl -u`, `mysql -p`), headers and
pairs for `auth=` as well. `likely_secret` judges the values; tokens that are known by their own
shape are not this file's concern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkling.likely_secret import (
    is_bare_secret,
    is_key,
    is_long_key,
    is_no_reference,
    is_password,
    is_weak_password,
)

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
    r"(?:(?i:passw(?:or)?d|passwd|passphrase|pwd|requirepass|masterauth)"
    r"|(?<![A-Za-z])(?i:pass|pw)|(?<=[a-z])Pass)"
)
_KEY_NAME = (
    r"(?i:(?:api|access|account|auth|encryption|license|master|private|secret|service|shared"
    r"|signing|storage)[_-]?key(?:[_-]?base)?|secret|token|credentials?|authorization|_auth)"
)
# A name ends with the telling word: `password_file` and `tokenizer` hold something else.
_NAME = rf"(?:(?P<password>{_PASSWORD_NAME})|{_KEY_NAME})\d?"
# As in TypeScript, Rust and Kotlin, or behind a space as in Go.
_TYPE = r"(?:(?:\??:\s{0,4}[&*]?(?:'\w{1,20}\s)?|\s)[A-Za-z_][\w.<>\[\]|?]{0,30}\s{0,4}(?==[^=]))?"
_QUOTED = re.compile(
    rf"(?:(?P<password>(?i:passw(?:or)?d|passwd|passphrase|pwd)\w{{0,20}}|{_PASSWORD_NAME})"
    rf"|{_KEY_NAME}\d?)['\"]?\]?\s{{0,4}}"
    rf"{_TYPE}(?:=>|:=|={{1,3}}|:)\s{{0,4}}[bru]?"
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
    r"(?<!\S)--?(?:\w+-){0,3}"
    r"(?:password|passwd|passphrase|token|secret|(?:api|access|auth)-?key)[ \t]+"
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
    re.compile(r"\bredis-cli\b[^|;\n]{0,300}?\s-a\s+(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"),
    re.compile(r"\b\w{1,80}:(?P<value>[^\s'\":]+)['\"]?\s*\|\s*(?:sudo\s+)?chpasswd\b"),
    re.compile(r"\bsshpass\s+-p\s*(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"),
    re.compile(r"\b(?:requirepass|masterauth)\s+(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"),
    re.compile(
        r"\bconfigure\s+set\s+\S{0,60}(?:key|token|secret|password)\s+"
        r"(?P<quote>['\"]?)(?P<value>[^\s'\"]+)"
    ),
    re.compile(
        r"\b(?:smbclient|smbget|rpcclient)\b[^|;\n]{0,300}?\s(?:-U|--user)[ =]?"
        r"(?P<quote>['\"]?)[^\s%'\"]{1,80}%['\"]?(?P<value>[^\s'\"]+)"
    ),
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
_LOGIN = re.compile(
    r"\b(?i:log_?in|sign_?in|authenticate)\(\s*[bru]?"
    + _STRING.format("user", "0,80")
    + r"\s*,\s*[bru]?"
    + _STRING.format("", "6,200")
    + r"\s*[,)]"
)
_ARGUMENTS = re.compile(
    rf"['\"][\w.-]{{0,40}}{_NAME}['\"]\s*,\s*(?:[^()\n]{{0,200}}?\bdefault\s*=\s*)?[bru]?"
    + _STRING.format("", "6,200")
    + r"\s*[,)\]]"
)
_SETTER = re.compile(
    rf"(?:(?i:set|with)[\w]{{0,30}}?|\.){_NAME}\(\s*[bru]?" + _STRING.format("", "6,200") + r"\s*\)"
)
_DEFINE = re.compile(rf"#\s*define\s+\w{{0,40}}?{_NAME}\s+\(?L?" + _STRING.format("", "6,200"))
_ATTRIBUTE = re.compile(
    rf"\b(?:key|name)=['\"][\w.:-]{{0,60}}?{_NAME}['\"]\s+value=" + _STRING.format("", "6,200")
)
_USER_AND_VALUE = re.compile(
    r"\b(?i:credentials?|basic_?auth|http_?auth|userpass)['\"]?\s*[:=]\s*['\"]?"
    r"[\w.@-]{1,60}:(?P<value>[^\s'\":/@]{6,200})['\"]?[\s,;]*$"
)
_ELEMENT = re.compile(rf"<[\w.:-]{{0,40}}{_NAME}>(?P<value>[^<>\s]{{6,200}})</")
_WORDS_BEFORE = (
    re.compile(r"\b(?i:identified\s+by|password)\s+'(?P<value>[^'\n]{6,200})'"),
    re.compile(r"\blogin\s+\S{1,80}\s+password\s+(?P<value>\S{6,200})"),
)
"""As in SQL and in a netrc file."""
_HEADER = re.compile(
    r"(?:\b[Bb]earer|(?i:authorization)['\"]?\s*[:=,]\s*['\"]?(?i:basic|token|apikey|api-key))[ ]+"
    r"(?P<value>[A-Za-z0-9._~+/-]{16,}=*)"
)
_SCENT = re.compile(
    r"pass|pwd|secret|token|key|credential|_auth|auth=|Auth\(|bearer|authorization|curl|identified"
    r"|mysql|mariadb|login|log_in|sign_?in\b|authenticate\(|redis-cli|masterauth|smb|rpcclient"
    r"|\bpw\b|_pw",
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
            if is_weak_password(match["value"]) and is_no_reference(match["value"], "="):
                yield _named(match, "command_password")
    for match in _PAIR.finditer(line):
        if is_weak_password(_unescaped(match["value"], match["quote"])):
            yield _named(match, "auth_pair")
    for pattern in (_ARGUMENTS, _ELEMENT, _SETTER, _DEFINE, _ATTRIBUTE):
        for match in pattern.finditer(line):
            if _is_bare(match):
                yield _named(match, "assigned_secret")
    for pattern in (_LOGIN, _USER_AND_VALUE):
        for match in pattern.finditer(line):
            if is_bare_secret(match["value"], "=", password=True):
                yield _named(match, "user_and_password")
    for pattern in _WORDS_BEFORE:
        for match in pattern.finditer(line):
            if is_password(match["value"]):
                yield _named(match, "password_after_words")
    for match in _HEADER.finditer(line):
        if is_key(match["value"]):
            yield _named(match, "authorization")
    regions = list(_bare_regions(line))
    for start, end in regions if in_code else [(0, len(line)), *regions]:
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


def _unescaped(value: str, quote: str) -> str:
    """A quoted value as it is meant, as far as its escapes are of signs that could stand there."""
    plain = re.sub(rf"\\([{quote}\\/])", r"\1", value)
    return re.sub(r"\\u00([2-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), plain)
