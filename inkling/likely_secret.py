"""Whether a value that is given to a password, key or token looks like a secret.

Nobody can tell a word that is a password from a word that names one, so words stay: a secret has
letters and digits, and is no placeholder, no expression and no reference to where the secret is.
"""

from __future__ import annotations

import math
import re
from collections import Counter

_PLACEHOLDER = re.compile(
    r"example|sample|dummy|placeholder|redacted|changeme|change[-_]me|your|foobar|test|fake|mock"
    r"|default|x{4}|\*\*\*|\.\.\.|12345|abcdef|abc123|(.)\1{5}",
    re.IGNORECASE,
)
_ORDINARY = frozenset(
    ["pass", "password", "passwd", "pwd", "secret", "token", "user", "username", "admin",
    "root", "key", "pw", "string", "none", "null", "hunter2", "letmein", "qwerty"]
)  # fmt: skip
_CODE = re.compile(r"[\s{}()<>\[\]\\]|%[sdr]\b|^\$|\$[A-Za-z_]{3,}\b")
_EXPRESSION = re.compile(
    r"[\s\\]|\w{4}[(\[{]|[${%][{(]|\)[.(]|%[sdr]\b|\{\w*\}|\(\w*\)|<\w*>|\[\w*\]|^[${<]|0-9|[aA]-[zZ]"
)
_REFERENCE = re.compile(
    r"[$<{(\[`]|\.{1,2}/|~/|%\w+%$|@@|\w+[({\[]|[\w.-]+\.(?:[A-Za-z]{1,4}|json|ya?ml|properties)$"
    r"|[A-Za-z_]\w{0,19}(?:(?:\.|::|->)\w{1,20})+$|[A-Za-z]\w{1,11}:",
)
_YAML_SIGNS = frozenset("!&*|>,#")
_WORD_ENDS = re.compile(r"[-_.]|(?<=[a-z])(?=[A-Z])")
_PATH = re.compile(r"(?:/(?:[A-Za-z_-]+\d{0,2}|v\d[\d.]{0,5}))+/?")
_NUMBERED_WORD = re.compile(r"([A-Za-z]+)\d{0,3}")
_TELLING = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_PARTS = re.compile(r"(?:[A-Za-z]+\d{0,2}|v?\d{1,4})(?:[-_./](?:[A-Za-z]+\d{0,2}|v?\d{1,4}))+")
_SIGN = re.compile(r"[!@#$%^&*].")
_HOST = re.compile(r"@[\w-]+\.\w")
_DIGIT_INSIDE = re.compile(r"\d[A-Za-z]")
_DIGIT_BEFORE_SMALL = re.compile(r"[A-Za-z]\d+[a-z]")
_TURN = re.compile(r"\d(?=[A-Za-z])|[A-Za-z](?=\d)")
_TURNS = 3
_SHORTEST_KEY = 10
_SHORTEST_MIXED = 12
_SHORTEST_RANDOM = 24
_BASE64_ENTROPY = 4.3
_NAME_ENTROPY = 3.2


def is_password(value: str) -> bool:
    """Whether a value that is given to a secret's name can be one: not code, no word."""
    if len(value) < 6 or len(value) > 200 or is_placeholder(value):
        return False
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    if not letters or not digits or entropy(value) < 2.3 or is_name(value):
        return False
    return not _CODE.search(value) or _is_random(value)


def is_weak_password(value: str) -> bool:
    """As `is_password`, for places that hold nothing but passwords: letters alone will do."""
    return (is_password(value) and not _is_ordinary(value)) or (
        6 <= len(value) <= 200
        and not is_placeholder(value)
        and not _CODE.search(value)
        and not _TELLING.search(value)
        and entropy(value) > 1.5
    )


def is_quoted_password(value: str) -> bool:
    """As `is_password`, and no words with numbers: for places that hold other things as well."""
    return is_password(value) and not _is_ordinary(value) and not _PARTS.fullmatch(value)


def is_bare_secret(value: str, sign: str, password: bool) -> bool:
    """Whether an unquoted value can be a secret: as `is_password`, and it refers to nothing.

    Args:
        sign: what stands between name and value.
        password: whether the name is a password's; other names must have longer values.
    """
    if value[-1:] in ",;({[" or not is_no_reference(value, sign) or not is_password(value):
        return False
    return not _is_ordinary(value) and (password or is_long_key(value))


def is_long_key(value: str) -> bool:
    """Whether a value is long and mixed enough for a key or token, and not words with numbers."""
    return len(value) >= _SHORTEST_KEY and entropy(value) > 2.8 and not _PARTS.fullmatch(value)


def is_mixed_key(value: str) -> bool:
    """As `is_long_key`, and letters and digits take turns: for places that hold other things."""
    return (
        len(value) >= _SHORTEST_MIXED
        and len(_TURN.findall(value)) >= _TURNS
        and is_quoted_password(value)
        and is_long_key(value)
    )


def is_generated(value: str, quoted: bool) -> bool:
    """Whether a value is so mixed that it is no word of a sentence: `IY04a^c3`, but no `SHA256`.

    Args:
        quoted: whether the sentence quotes it; else `Base64Encoded` may be a word of it.
    """
    if "/" in value or _HOST.search(value) or not any(map(str.isdigit, value)):
        return False
    mixed = not (value.islower() or value.isupper())
    inside = _DIGIT_INSIDE if quoted else _DIGIT_BEFORE_SMALL
    return _SIGN.search(value) is not None or (mixed and inside.search(value) is not None)


def is_key(value: str) -> bool:
    """Whether what has a key's shape can be a real one: not a word, not a stand-in."""
    return any(map(str.isdigit, value)) and not is_placeholder(value) and entropy(value) > 2.5


def is_placeholder(value: str) -> bool:
    """Whether a value says itself that it is none, or is what everybody writes."""
    return value.lower() in _ORDINARY or _PLACEHOLDER.search(value) is not None


def without_placeholders(value: str) -> str:
    """A value without the words that say that it is none; a random one may hold one by chance."""
    return _PLACEHOLDER.sub("", value)


def entropy(value: str) -> float:
    """Shannon entropy of a string's characters, bits a character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())


def is_no_reference(value: str, sign: str) -> bool:
    """Whether an unquoted value stands for itself: no variable, path, call, tag or template."""
    if any(bracket in value for bracket in "([{"):
        return _is_random(value)
    if _REFERENCE.match(value) or (value[0] == "/" and entropy(value) < _BASE64_ENTROPY):
        return False
    if sign != ":" or value[0] not in _YAML_SIGNS:
        return True
    name = value[1:]  # of a tag, an anchor or an alias, in YAML
    return (is_long_key(name) and entropy(name) > _NAME_ENTROPY) or is_mixed_key(name)


def is_name(value: str) -> bool:
    """Whether a value is a path of words, or words of which one is about secrets."""
    return _PATH.fullmatch(value) is not None or (
        _WORD_ENDS.search(value) is not None and _is_ordinary(value)
    )


def _is_ordinary(value: str) -> bool:
    """Whether a value is a name such as `db_password2`: a word for secrets among its parts."""
    words = [_NUMBERED_WORD.fullmatch(word) for word in _WORD_ENDS.split(value) if word]
    return None not in words and any(word[1].lower() in _ORDINARY for word in words if word)


def _is_random(value: str) -> bool:
    """Whether a long value with brackets or signs is a generated key and no expression."""
    return len(value) >= _SHORTEST_RANDOM and entropy(value) >= 4 and not _EXPRESSION.search(value)
