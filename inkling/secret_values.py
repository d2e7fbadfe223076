"""Finds the values that a line gives to a password, key or token, in the forms that people write.

Quoted (`password = "…"`) in any language; bare (`password: …`, `export API_TOKEN=…`, `ENV KEY …`)
where a bare word is a value: in configuration, shell and prose, but in code only inside strings and
comments, since elsewhere it is a variable or a type. Headers, and sentences that tell one, as well.
Commands are in `secret_commands`, calls in `secret_calls` and `secret_signing`, prose in
`secret_prose`, names on another line in `secret_apart` and `secret_spread`; `likely_secret` judges
the values. Tokens that are known by their own shape are not this file's
concern.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.likely_secret import (
    is_bare_secret,
    is_generated,
    is_key,
    is_long_key,
    is_no_reference,
    is_password,
    is_weak_password,
)
from inkling.secret_calls import CALLS, call_values, named, unescaped
from inkling.secret_commands import COMMANDS, OPTION
from inkling.secret_names import KEY_NAME, NAME, PASSWORD_NAME, NamedValue, string
from inkling.secret_prose import query_values, told_values
from inkling.secret_signing import signing_values

if TYPE_CHECKING:
    from collections.abc import Iterator

BARE_LANGUAGES = frozenset({"yaml", "shell", "dockerfile", "makefile", "toml", "markdown", "cmake"})
"""Names of `inkling.languages` in whose files an unquoted word may be a value."""

# As in TypeScript, Rust and Kotlin, or behind a space as in Go; a property of C#, an array of C.
_TYPE = (
    r"(?:(?:\??:\s{0,4}[&*]?(?:'\w{1,20}\s)?|\s)[\[A-Za-z_][\w.<>\[\]|?]{0,30}\s{0,4}(?==[^=])"
    r"|\[\w{0,20}\]\s{0,4}(?==[^=])|\s{1,4}\{\s{0,4}get;[^{}\n]{0,30}\}\s{0,4}(?==[^=]))?"
)
_WRAPPED = (
    r"(?:(?:(?:Secret)?Str(?:ing)?(?:::\w{3,8})?|Some|Secret(?:::new)?|std::string)\(\s{0,4})?"
)
_QUOTED = re.compile(
    rf"(?:(?P<password>(?i:passw(?:or)?d|passwd|pass_?phrase|pwd)\w{{0,20}}|{PASSWORD_NAME})"
    rf"|{KEY_NAME}\d?)['\"]?\]?\s{{0,4}}"
    rf"{_TYPE}(?:=>|:=|={{1,3}}|:)\s{{0,4}}(?:new\s)?{_WRAPPED}(?:[bru]|br?#?|r#|@)?"
    r"(?P<quote>\"\"\"|\'\'\'|['\"`])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n]){6,200})(?P=quote)"
)
_LONG_BRACKET = re.compile(
    rf"{NAME}['\"]?\]?\s{{0,4}}=\s{{0,4}}\[(?P<level>=*)\[(?P<value>[^\]\n]{{6,200}})\](?P=level)\]"
)
"""Of Lua."""
_LINE = re.compile(
    rf"{NAME}(?P<close>['\"]?)[ \t]*(?P<sign>[:=]|(?<=\w)[ \t])[ \t]*"
    r"(?P<quote>['\"]?)(?P<value>[^\s'\"`]\S*?)(?P=quote)[ \t]*\\?(?:[ \t]#.*)?[ \t\r]*$"
)
_LINE_START = re.compile(
    r"[ \t]*(?:(?:[-*>#;]|//|--)[ \t]*)?(?P<word>(?:export|set|setx|declare -x|ENV|ARG)[ \t]+)?"
    r"(?:Environment=)?['\"]?(?:[\w./:-]*[\w./:-])?$"
)
_INLINE = re.compile(rf"{NAME}=(?P<value>[^\s\"'`&;,(){{}}<>|\[\]\\]+)(?=[\s\"'`&;,)\]}}]|\\|$)")
_FLOW = re.compile(rf"{NAME}['\"]?:[ \t]+(?P<value>[^\s\"'`,(){{}}\[\]]+)(?=\s*[,}}])")
_FLOW_START = re.compile(r"[{,]\s*['\"]?[\w.-]*$")
_ARGUMENTS = re.compile(
    rf"['\"][\w.-]{{0,40}}{NAME}['\"]\s*,\s*(?:[^()\n]{{0,200}}?\bdefault\s*=\s*)?[bru]?"
    + string(6)
    + r"\s*[,)\]]"
)
_SETTER = re.compile(
    rf"(?:(?i:set|with)[\w]{{0,30}}?|\.|(?<![\w.])(?:key|store)(?=P)){NAME}(?:\(\s*|[ \t]+)[bru]?"
    + string(6)
    + r"\s*(?:\)|$)"
)
"""Or the key store's password in a Gradle script."""
_FALLBACK = re.compile(
    rf"{NAME}['\"]?[\])]{{0,2}}\s{{0,4}}"
    r"(?:\|\|=?|\?\?=?|\bor\b|\?:|\.unwrap_or\(|\.orElse\()\s{0,4}[bru]?" + string(6)
)
"""What is taken where the environment has no value."""
_DEFAULTS = re.compile(
    rf"\$\{{[\w.-]{{0,60}}?{NAME}:[-=]?(?P<quote>['\"]?)(?P<value>[^\s'\"${{}}]{{6,200}})(?P=quote)\}}"
)
"""As in shell and in Spring's properties."""
_DEFINE = re.compile(rf"#\s*define\s+\w{{0,40}}?{NAME}\s+\(?L?" + string(6))
_ATTRIBUTE = re.compile(rf"\b(?:key|name)=['\"][\w.:-]{{0,60}}?{NAME}['\"]\s+value=" + string(6))
_USER_AND_VALUE = re.compile(
    r"\b(?i:credentials?|basic_?auth|http_?auth|userpass)['\"]?\s*[:=]\s*['\"]?"
    r"[\w.@-]{1,60}:(?P<value>[^\s'\":/@]{6,200})['\"]?[\s,;]*$"
)
_ELEMENT = re.compile(
    rf"<(?:[\w.:-]{{0,40}}{NAME}|\w{{1,20}}\s+(?:key|name)=['\"][\w.:-]{{0,60}}?"
    rf"{NAME.replace('<password>', '<password_too>')}['\"])>(?P<value>[^<>\s]{{6,200}})</"
)
_WORDS_BEFORE = (
    re.compile(r"\b(?i:identified\s+by|password)\s+'(?P<value>[^'\n]{6,200})'"),
    re.compile(r"\blogin\s+\S{1,80}\s+password\s+(?P<value>\S{6,200})"),
)
"""As in SQL and in a netrc file."""
_TOLD = re.compile(
    r"\b(?i:password|passphrase|pwd)\s(?:(?:is|was)\s(?:set to\s|now\s)?|of\s)?"
    r"(?P<quote>[`'\"]?)(?P<value>[^\s`'\"<>]{8,80}?)(?P=quote)(?=[.,;:!)]*(?:\s|$))"
)
"""A sentence that tells it."""
_HEADER = re.compile(
    r"(?:\b[Bb]earer|(?i:authorization)['\"]?\]?\s*[:=,]\s*['\"]?(?i:token|apikey|api-key))"
    r"[ ]+(?P<value>[A-Za-z0-9._~+/-]{16,}=*)"
)
_SCENT = (
    "pass", "pwd", "secret", "token", "key", "credential", "auth", "bearer", "curl", "identified",
    "mysql", "mariadb", "login", "log_in", "signin", "sign_in", "redis-cli", "smb", "rpcclient",
    "pw", "securestring", "net user", "--stdin", "sudo", "jwt", "hmac", "fernet", "serializer",
    "signer", "cipheriv", "openssl_", "cookieparser", "aes.", *CALLS,
)  # fmt: skip
"""A line without any of these, in whatever case, is not looked at."""
_ASSIGNED = (
    _ARGUMENTS, _ELEMENT, _SETTER, _DEFINE, _ATTRIBUTE, _LONG_BRACKET, _FALLBACK, _DEFAULTS
)  # fmt: skip
_STRINGS = re.compile(r"(['\"`])((?:\\.|(?!\1)[^\\])*)(?:\1|$)")
_COMMENT = re.compile(r"(?:^\s*(?:\*|--|;|/\*)|(?:^|\s)(?:#|//))\s")


def named_values(line: str, in_code: bool = False) -> Iterator[NamedValue]:
    """Likely secrets among the values that a line gives to a password, key or token.

    Args:
        in_code: bare values count only inside the line's strings and after its comment sign.
    """
    lowered = line.lower()
    if not any(map(lowered.__contains__, _SCENT)):
        return
    for match in _QUOTED.finditer(line):
        value = unescaped(match["value"], match["quote"][0])
        if is_password(value) and (match["password"] or is_long_key(value)):
            yield named(match, "assigned_secret")
    for words, pattern in COMMANDS:
        for match in pattern.finditer(line) if any(map(line.__contains__, words)) else ():
            if is_weak_password(match["value"]) and is_no_reference(match["value"], "="):
                yield named(match, "command_password")
    yield from call_values(line, lowered)
    yield from signing_values(line, lowered)
    yield from query_values(line)
    for pattern in _ASSIGNED:
        for match in pattern.finditer(line):
            if _is_bare(match):
                yield named(match, "assigned_secret")
    for match in _USER_AND_VALUE.finditer(line):
        if is_bare_secret(match["value"], "=", password=True):
            yield named(match, "user_and_password")
    for pattern in _WORDS_BEFORE:
        for match in pattern.finditer(line):
            if is_password(match["value"]):
                yield named(match, "password_after_words")
    for match in _TOLD.finditer(line):
        told = is_generated(match["value"], quoted=bool(match["quote"]))
        if told and is_bare_secret(match["value"], "=", password=True):
            yield named(match, "told_password")
    for match in _HEADER.finditer(line):
        if is_key(match["value"]):
            yield named(match, "authorization")
    regions = list(_bare_regions(line))
    for start, end in regions if in_code else [(0, len(line)), *regions]:
        for found in _bare_values(line[start:end]):
            yield NamedValue(start + found.start, start + found.end, found.rule)


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
            yield named(match, "bare_value")
    for match in _INLINE.finditer(text):
        if _is_bare(match):
            yield named(match, "bare_value")
    for match in _FLOW.finditer(text):
        if _FLOW_START.search(text, max(0, match.start() - 80), match.start()) and _is_bare(match):
            yield named(match, "bare_value")
    yield from told_values(text)
    for match in OPTION.finditer(text):
        if is_bare_secret(match["value"], "=", password="pass" in match[0]):
            yield named(match, "command_option")


def _is_bare(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    password = groups["password"] or groups.get("password_too")
    return is_bare_secret(match["value"], groups.get("sign") or "=", password is not None)
