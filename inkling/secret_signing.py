"""Finds keys among the arguments of calls that sign or encrypt: `jwt.encode(payload, "…")`.

No name tells these, but the callee does. `likely_secret` judges the values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inkling.likely_secret import is_mixed_key, is_quoted_password
from inkling.secret_names import ARGUMENT, NamedValue, string

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = (
    r"\s*(?:new\s)?(?:(?:\[\]byte|[Bb]ytes|Buffer\.from|(?:\w+\.){1,3}[Gg]et_?[Bb]ytes)\(\s*)?[bru]?"
    + string(6)
)
_FIRST = re.compile(
    r"\b(?:hmac\.(?:new|digest|HMAC)|(?:Multi)?Fernet|(?:URLSafe)?(?:Timed)?Serializer"
    r"|TimestampSigner|cookieParser|SecretKeySpec|(?:Keys\.)?hmacShaKeyFor|SymmetricSecurityKey"
    r"|AES\.new)\(\s*\[?" + _KEY
)
_SECOND = re.compile(
    r"\b(?:(?i:jwt|jsonwebtoken|jose)(?:\.|::)(?:encode|decode|sign|verify)"
    r"|create(?:Hmac|Cipheriv|Decipheriv)|HMAC\.(?:hex|base64)?digest|hmac\.New)"
    rf"\({ARGUMENT}" + _KEY
)
_THIRD = re.compile(rf"\b(?:hash_hmac|openssl_(?:en|de)crypt)\({ARGUMENT}{ARGUMENT}" + _KEY)
_FALLBACK = re.compile(
    r"\b(?:env::var|getenv|environ\.get|ENV\.fetch)\(\s*['\"]\w{0,40}KEY['\"]"
    r"(?:\s*,|\s*\)\s*(?:\.unwrap_or\(|\.unwrap_or_else\(\s*\|\w*\||or\b|\|\||\?[?:])?)\s*[bru]?"
    + string(12)
)
"""What is taken where the environment has no key; the name alone says little."""
SIGNING = (
    (("hmac", "fernet", "serializer", "signer", "cookieparser", "secretkey", "securitykey", "aes."),
     _FIRST),
    (("jwt", "jsonwebtoken", "jose", "hmac", "cipheriv"), _SECOND),
    (("hash_hmac", "openssl_"), _THIRD),
)  # fmt: skip
"""Each with words in small letters of which a line must hold one."""
_ALGORITHM = re.compile(r"(?i:hmac|sha|md|aes|hs|rs|es|des|rsa)[-_]?\d")


def signing_values(line: str, lowered: str) -> Iterator[NamedValue]:
    """Likely keys among the arguments of a line's calls that sign, verify or encrypt.

    Args:
        lowered: the line in small letters.
    """
    for words, pattern in SIGNING:
        for match in pattern.finditer(line) if any(map(lowered.__contains__, words)) else ():
            if is_quoted_password(match["value"]) and not _ALGORITHM.match(match["value"]):
                yield NamedValue(match.start("value"), match.end("value"), "signing_key")
    if "env" in lowered:
        for match in _FALLBACK.finditer(line):
            if is_mixed_key(match["value"]):
                yield NamedValue(match.start("value"), match.end("value"), "assigned_secret")
