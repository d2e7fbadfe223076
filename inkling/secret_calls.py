"""Finds passwords among the arguments of calls, where no name tells them but the callee does.

`basic_auth("user", "…")`, a database's `connect(host, user, "…")`, a service's client, and what is
joined or encoded for HTTP's "Basic". `likely_secret` judges the values.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from inkling.likely_secret import (
    entropy,
    is_key,
    is_long_key,
    is_placeholder,
    is_quoted_password,
    is_weak_password,
)
from inkling.secret_names import ARGUMENT, NamedValue, string

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAIR = re.compile(
    r"(?:\bauth\s*=\s*(?:[\w.]+)?|\b\w*(?:Basic|Digest|Proxy)Auth)\(\s*[bru]?"
    + string(0, 80, "user")
    + r"\s*,\s*[bru]?"
    + string(4)
)
_LOGIN = re.compile(
    r"\b(?i:log_?in|sign_?in|authenticate)\(\s*[bru]?"
    + string(0, 80, "user")
    + r"\s*,\s*[bru]?"
    + string(6)
    + r"\s*[,)]"
)
_CREDENTIAL = re.compile(
    r"(?i:credentials?|passwordauthentication|basic_?auth(?:entication|orization)?)"
    r"(?:(?:\.|::)(?:basic|of|create|new|from))?(?:\(\s*|[ \t]+)[bru]?"
    + string(1, 80, "user")
    + r"\s*,\s*[bru]?"
    + string(6)
)
_THIRD = re.compile(
    r"\b(?:mysqli(?:_connect)?|mysql_p?connect|getConnection|PDO|imap_open|ldap_bind|ftp_login"
    r"|ssh2_auth_password|PlainAuth|DBI->connect|(?:MySQLdb|pymysql|oracledb|cx_Oracle)\.connect)"
    rf"\s*\({ARGUMENT}{ARGUMENT}\s*[bru]?" + string(6)
)
_FOURTH = re.compile(rf"\bmysql_real_connect\s*\({ARGUMENT * 3}\s*" + string(6))
_TWILIO = re.compile(
    r"['\"](?:(?:AC|SK)[0-9a-f]{32}|\*{3})['\"]\s*,\s*['\"](?P<value>[0-9a-f]{32})['\"]"
)
"""Of a prompt the account is hidden already."""
_SALT = re.compile(
    r"\bdefine\(\s*['\"](?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)['\"]\s*,\s*"
    + string(32, 120)
)
_SALT_ENTROPY = 4.0
_RANDOM_ENTROPY = 3.5
_TO_ADDRESS = re.compile(r"\b[\w.-]{1,60}:(?P<value>[^\s:/@'\"(){}<>]{4,80})@(?:tcp|unix)\(")
_ENCODED = re.compile(
    r"(?i:\bbtoa|b64encode|base64_encode|encode64|encodeToString|Buffer\.from)"
    r"\(\s*(?:\[\]byte\(\s*)?[bru]?(?P<quote>['\"`])(?!(?:data|https?|file|mailto):)"
    r"[^\s:'\"`]{1,60}:(?P<value>[^\s'\"`/][^\s'\"`]{3,80})(?P=quote)"
)
_BASIC = re.compile(r"\bBasic[ ](?P<value>[A-Za-z0-9+/]{12,400}={0,2})(?![\w+/=])")
_DOCKER = re.compile(
    r"['\"](?:auth|identitytoken|_auth)['\"]\s*:\s*['\"](?P<value>[A-Za-z0-9+/]{12,400}={0,2})['\"]"
)
_RULE = "user_and_password"
_STRICT = (
    (("login", "log_in", "signin", "sign_in", "authenticate"), _LOGIN),
    (("credential", "basic", "authentication"), _CREDENTIAL),
    (
        (
            *("mysql", "getconnection", "pdo(", "imap_open", "ldap_bind", "ftp_login"),
            *("ssh2_auth", "plainauth", "dbi->", "oracle"),
        ),
        _THIRD,
    ),
    (("mysql_real_connect",), _FOURTH),
    (("@tcp(", "@unix("), _TO_ADDRESS),
    (("btoa", "64encode", "64_encode", "encode64", "encodetostring", "buffer.from"), _ENCODED),
)
"""Each with words in small letters of which a line must hold one."""
CALLS = (
    *("basic", "twilio", "_salt", "identitytoken"),
    *(word for words, _pattern in _STRICT for word in words),
)
"""A line without any of these, in small letters, has nothing for `call_values`."""


def call_values(line: str, lowered: str) -> Iterator[NamedValue]:
    """Likely passwords among the arguments of a line's calls, and encoded ones.

    Args:
        lowered: the line in small letters.
    """
    if "auth" in lowered:
        for match in _PAIR.finditer(line):
            if is_weak_password(unescaped(match["value"], match["quote"])):
                yield named(match, "auth_pair")
    for words, pattern in _STRICT:
        for match in pattern.finditer(line) if any(map(lowered.__contains__, words)) else ():
            if is_quoted_password(match["value"]):
                yield named(match, _RULE)
    if "twilio" in lowered:
        for match in _TWILIO.finditer(line):
            if is_key(match["value"]):
                yield named(match, _RULE)
    if "define(" in lowered:
        for match in _SALT.finditer(line):
            if entropy(match["value"]) > _SALT_ENTROPY or is_long_key(match["value"]):
                yield named(match, "assigned_secret")
    if "basic" in lowered:
        for match in _BASIC.finditer(line):
            if _is_login(match["value"]):
                yield named(match, "authorization")
    if "auth" in lowered or "identitytoken" in lowered:
        for match in _DOCKER.finditer(line):
            if _is_login(match["value"], known=False):
                yield named(match, "authorization")


def named(match: re.Match[str], rule: str) -> NamedValue:
    """What a pattern's group `value` found."""
    return NamedValue(match.start("value"), match.end("value"), rule)


def unescaped(value: str, quote: str) -> str:
    """A quoted value as it is meant, as far as its escapes are of signs that could stand there."""
    plain = re.sub(rf"\\([{quote}\\/])", r"\1", value)
    return re.sub(r"\\u00([2-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), plain)


def _is_login(encoded: str, known: bool = True) -> bool:
    """Whether base64 holds `user:password`, or looks random.

    Args:
        known: whether the place holds nothing but base64; elsewhere it must end as that does.
    """
    if len(encoded) % 4:
        return False
    try:
        user, colon, password = base64.b64decode(encoded).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        random = is_key(encoded) and entropy(encoded) > _RANDOM_ENTROPY
        return random and (known or encoded.endswith("="))
    telling = len(password) > 3 and not is_placeholder(password) and " " not in password
    return bool(user and colon) and telling
