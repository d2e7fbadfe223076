"""Finds keys, tokens and passwords: detect-secrets' patterns, some of ours, entropy and context.

detect-secrets judges lines; to be fast enough for a corpus only lines that hold a telling word or a
long run of characters are shown to it. Entropy alone says little in code, which is full of hashes:
a random-looking string counts only where its line speaks of keys and not of hashes, and hash-sized
hexadecimal never counts in a file about hashing (StarCoder's rule).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Any

from curation.redaction.prose import prose_of_python
from curation.redaction.span import Span
from inkling.languages import BY_NAME
from inkling.likely_secret import (
    entropy,
    is_key,
    is_name,
    is_password,
    is_placeholder,
    without_placeholders,
)
from inkling.secret_apart import values_apart
from inkling.secret_shapes import KEY_BODY, SHAPES
from inkling.secret_spread import WORD_RULE, spread_values
from inkling.secret_values import BARE_LANGUAGES, named_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from detect_secrets.plugins.base import BasePlugin

    from inkling.secret_names import NamedValue

_WINDOW = 2_000
_OVERLAP = 200
"""A longer line is looked at in windows, since some patterns take the square of a line's length."""
_RUN = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_WORDS = (
    "key", "token", "secret", "passw", "passp", "pass_p", "pwd", "auth", "cred", "bearer", "://",
    "pass ", "pass:", "pass=", 'pass"', "pass'", "contrase", "curl", "mysql", "mariadb", "login",
    "identified by", "redis-cli", "chpasswd", "masterauth", "smbclient", "smbget",
    "rpcclient", "log_in", "signin", "sign_in", "pw ", "pw=", "pw:", 'pw"', "pw'", "pass(",
    "basic", "btoa", "64_encode", "64encode", "encode64", "encodetostring", "buffer.from",
    "getconnection", "pdo(", "dbi->", "oracle", "imap_open", "ldap_", "ftp_login", "@tcp(",
    "@unix(", "net user", "securestring", "stdin", "sudo", "_salt", "discord", "jwt", "hmac",
    "fernet", "serializer", "signer", "cipheriv", "openssl_", "cookieparser", "aes.",
)  # fmt: skip
_SECRET_WORD = re.compile(
    r"(?:api|access|account|auth|client|encryption|master|private|secret|service|signing)[_-]?key"
    r"|token(?!i[sz]|\d)|secret|passw|credential|bearer|authorization",
    re.IGNORECASE,
)
_HASH_WORD = re.compile(
    r"hash|sha[-_]?\d|md5|digest|checksum|crc|fingerprint|integrity|etag|uuid|guid|commit|revision"
    r"|public[_-]?key|\bsize\b|\bpath\b|\burl\b",
    re.IGNORECASE,
)
_A_HASH = re.compile(r"\$\w+\$|\W?(?:sha[-_]?\d|md5|hash|crc|uuid|guid|etag)", re.IGNORECASE)
_HASH_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})
_HASH_FILE_SHARE = 0.02
_QUOTED = re.compile(r"""(['"`])([A-Za-z0-9_+/=-]{20,})\1""")
_HEX = re.compile(r"[0-9a-fA-F]+")
_HEX_ENTROPY = 3.0
_BASE64_ENTROPY = 4.3
_SHORTEST_KEY = 16
_LONG_TOKEN = 60
_LONG_TOKEN_ENTROPY = 4.8
_WORD_BY_CHANCE = 5
_RANDOM_REST = 30
_DIGITS_OF_REST = 4
_REST_ENTROPY = 3.8
_SHORTEST_NAMED_KEY = 20
_SHORTEST_CLASSIFIED_KEY = 8
_BARE_RULES = frozenset({"bare_value", "command_option"})
_ABOUT_SECRETS = frozenset({"assigned_secret", "bare_value", "told_password"})
_AROUND = " \t=:\"'`"
_UNBROKEN = re.compile(r"[^\s\"'`]+")
_PORT_OF_A_LIST = re.compile(r"\d{1,5},")
_TELLING = re.compile(r"passw|secret", re.IGNORECASE)
_EXAMPLE_HOST = re.compile(r"(?:[\w-]+\.)*(?:example|test|invalid|localhost)\b", re.IGNORECASE)
_URL_PASSWORD = re.compile(
    r"(?<!github)://(?P<user>[^\s/:@'\"{}<>\[\]]*):(?!(?P=user)@)(?P<value>[^\s/'\"{}<>\[\]]{3,})@(?=\w)"
)
_KEY_MATERIAL = re.compile(r"[A-Za-z0-9+/]{16}")
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(.{0,20000}?)(?=-----END|\Z)", re.DOTALL
)


def secret_spans(text: str, language: str | None = None) -> Iterator[Span]:
    """Keys, tokens, passwords and private keys in a text. They may overlap.

    Args:
        language: a name of `inkling.languages`, if it is known; in code a bare word is no value.
    """
    is_code = _code_finder(text, language)
    for match in _PEM.finditer(text):
        if not _KEY_MATERIAL.search(match[1]):
            continue  # `…` or `XXXX` in a manual
        yield Span(match.start(1), match.end(1), "PRIVATE_KEY", "private_key")
    for match in KEY_BODY.finditer(text):
        yield Span(match.start("body"), match.end("body"), "PRIVATE_KEY", "private_key_body")
    for found in (*values_apart(text), *spread_values(text)):
        value = text[found.start : found.end]
        if not _A_HASH.match(value) and not (found.rule == WORD_RULE and is_code(found.start)):
            yield Span(found.start, found.end, _kind(value), found.rule)
    about_hashes: bool | None = None
    for offset, line in _lines(text):
        if not _is_candidate(line):
            continue
        if about_hashes is None:
            about_hashes = _is_about_hashes(text)
        named = list(named_values(line))
        if any(found.rule in _BARE_RULES for found in named) and is_code(offset):
            named = list(named_values(line, in_code=True))
        for start, end, kind, rule in _in_line(line, named, about_hashes):
            yield Span(offset + start, offset + end, kind, rule)


def _code_finder(text: str, language: str | None) -> Callable[[int], bool]:
    """Tells whether the line at an offset is code, where a bare word is a variable or a type."""
    if language == "python":

        @cache
        def prose() -> list[tuple[int, int]]:
            return prose_of_python(text)

        def is_code(offset: int) -> bool:
            number = bisect_right(prose(), (offset, len(text))) - 1
            return number < 0 or offset >= prose()[number][1]

        return is_code
    code = language in BY_NAME and language not in BARE_LANGUAGES
    return lambda _offset: code


def _lines(text: str) -> Iterator[tuple[int, str]]:
    offset = 0
    for line in text.split("\n"):
        for start in range(0, max(1, len(line) - _OVERLAP), _WINDOW - _OVERLAP):
            yield offset + start, line[start : start + _WINDOW]
        offset += len(line) + 1


def _is_candidate(line: str) -> bool:
    lowered = line.lower()
    for word in _WORDS:  # many times as fast as a pattern of them
        if word in lowered:
            return True
    return any(
        any(map(str.isdigit, run)) or not (run.islower() or run.isupper())
        for run in _RUN.findall(line)
    )


def _is_about_hashes(text: str) -> bool:
    lines = text.count("\n") + 1
    about = sum(1 for line in text.lower().split("\n") if "hash" in line or "sha" in line)
    return about > _HASH_FILE_SHARE * lines


def _in_line(
    line: str, named: Iterable[NamedValue], about_hashes: bool
) -> Iterator[tuple[int, int, str, str]]:
    for rule, pattern in SHAPES:
        for match in pattern.finditer(line):
            # What goes before a colon is a number for an account, and may well be 123456789.
            if not _is_stand_in(match[0].rpartition(":")[2]):
                yield match.start(), match.end(), "KEY", rule
    for rule, pattern in _service_patterns():
        for match in pattern.finditer(line):
            start, end = _value_of(match)
            if is_key(line[start:end]) and not line[start - 1 : start].isalnum():  # not in data
                while line[end : end + 1].isalnum():  # some keys are longer than their pattern
                    end += 1
                yield start, end, "KEY", rule
    for match in _URL_PASSWORD.finditer(line):
        value = match["value"]
        if _is_url_password(value, line[match.end() :]):
            yield match.start("value"), match.end("value"), _kind(value), "url_password"
    for found in named:
        value = line[found.start : found.end]
        if found.rule not in _ABOUT_SECRETS or not _is_about_a_hash(line, value):
            yield found.start, found.end, _kind(value), found.rule
    for value in _keyword_plugin().analyze_string(line):
        if is_password(value) and not _is_about_a_hash(line, value):
            yield from _everywhere(line, value, _kind(value), "assigned_secret")
    if _SECRET_WORD.search(line):
        for match in _QUOTED.finditer(line):
            value = match[2]
            if (
                _is_random(value, about_hashes)
                and _SECRET_WORD.search(line.replace(value, ""))  # not in the value's own words
                and not _is_about_a_hash(line, value)
            ):
                yield match.start(2), match.end(2), "KEY", "entropy"


def _is_stand_in(token: str) -> bool:
    """Whether a token of a known shape is no real one; long ones spell a short word by chance."""
    if not is_placeholder(token):
        return False
    if len(token) >= _LONG_TOKEN and entropy(token) > _LONG_TOKEN_ENTROPY:
        return False
    rest = without_placeholders(token)
    by_chance = (
        len(token) - len(rest) <= _WORD_BY_CHANCE
        and len(rest) >= _RANDOM_REST
        and sum(map(str.isdigit, rest)) >= _DIGITS_OF_REST
        and entropy(rest) > _REST_ENTROPY
    )
    return not by_chance


def _is_url_password(value: str, host: str) -> bool:
    if is_placeholder(value) or value[0] in "$%" or _PORT_OF_A_LIST.match(value):
        return False
    if _EXAMPLE_HOST.match(host):
        return is_password(value)
    return not (value.isalpha() and _TELLING.search(value))


def _is_about_a_hash(line: str, value: str) -> bool:
    """Whether a value or the line around it speaks of hashes; a random value may spell `crc`."""
    return bool(_A_HASH.match(value) or _HASH_WORD.search(line.replace(value, "")))


def _kind(value: str) -> str:
    return "KEY" if len(value) >= _SHORTEST_NAMED_KEY else "PASSWORD"


def _everywhere(line: str, value: str, kind: str, rule: str) -> Iterator[tuple[int, int, str, str]]:
    start = line.find(value)
    while start >= 0:
        yield start, start + len(value), kind, rule
        start = line.find(value, start + len(value))


def is_classified_key(value: str) -> bool:
    """Whether what a classifier takes for a key looks random enough to be one."""
    random = len(value) > _SHORTEST_CLASSIFIED_KEY and is_key(value) and entropy(value) > 3
    return random and not _A_HASH.match(value)


def is_classified_password(value: str) -> bool:
    """Whether what a classifier takes for a password can be one: no word, no code, no hash."""
    return is_password(value) and not _A_HASH.match(value)


def _is_random(value: str, about_hashes: bool) -> bool:
    if is_placeholder(value) or is_name(value) or not any(map(str.isdigit, value)):
        return False
    if _HEX.fullmatch(value):
        hash_like = about_hashes and len(value) in _HASH_LENGTHS
        return not hash_like and entropy(value) > _HEX_ENTROPY
    return entropy(value) > min(_BASE64_ENTROPY, math.log2(len(value)) - 0.5)


def _value_of(match: re.Match[str]) -> tuple[int, int]:
    """Where the key itself stands in a match: in a long group, else all of it, without quotes, up
    to the first blank or quote."""
    groups = [match.span(n) for n in range(1, match.re.groups + 1) if match[n]]
    start, end = max(groups, key=lambda span: span[1] - span[0], default=match.span())
    if end - start < _SHORTEST_KEY:
        start, end = match.span()
    while start < end and match.string[start] in _AROUND:
        start += 1
    unbroken = _UNBROKEN.match(match.string, start, end)
    end = unbroken.end() if unbroken is not None else end
    while end > start and match.string[end - 1] in _AROUND:
        end -= 1
    return start, end


@cache
def _service_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """detect-secrets' patterns for the keys of single services."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    elsewhere = {"IPPublicDetector", "PrivateKeyDetector", "BasicAuthDetector", "JwtTokenDetector"}
    plugins: list[Any] = sorted(
        get_mapping_from_secret_type_to_class().values(), key=lambda p: p.__name__
    )
    return tuple(
        (str(plugin.secret_type), pattern)
        for plugin in plugins
        if issubclass(plugin, RegexBasedDetector) and plugin.__name__ not in elsewhere
        for pattern in plugin().denylist
    )


@cache
def _keyword_plugin() -> BasePlugin:
    from detect_secrets.plugins.keyword import KeywordDetector

    return KeywordDetector()
