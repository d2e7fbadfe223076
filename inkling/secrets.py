"""What must never enter a prompt, a corpus or a log: files by name, blocks by shape.

This is the cheap gate that runs everywhere, on every request and every file. It doesn't replace
the secrets stage of curation, which looks at values.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from inkling.secret_apart import values_apart
from inkling.secret_shapes import ANY_SHAPE, KEY_BODY, LONG_RUN
from inkling.secret_spread import WORD_RULE, spread_values
from inkling.secret_values import BARE_LANGUAGES, named_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inkling.secret_names import NamedValue

_SECRET_NAMES = re.compile(
    r"""^(
        \.env(\..+)? | .+\.env | \.envrc
      | \.netrc | _netrc | \.pgpass | \.my\.cnf | \.htpasswd | \.git-credentials
      | \.pypirc | \.npmrc | \.yarnrc\.yml | \.s3cfg | \.boto | \.vault-token | \.dockercfg
      | \.terraformrc | terraform\.rc | .+\.tfvars(\.json)? | .+\.tfstate(\..+)?
      | kubeconfig(\.ya?ml)? | .+\.kubeconfig
      | id_(rsa|dsa|ecdsa|ed25519)(_sk)?(\.pub)?
      | .+\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)
      | .*credentials?\.(json|csv|ya?ml|toml|ini)
      | credentials | client_secret.*\.json | .*firebase-adminsdk.*\.json | \.databrickscfg
      | (.+[-_.])?secrets?\.(json|ya?ml|toml|ini|env|properties)
      | service[-_]?account.*\.json
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_HARMLESS_NAMES = re.compile(r"^\.env\.(example|sample|template|dist)$", re.IGNORECASE)
_SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker"})
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")
_URL_PASSWORD = re.compile(r"(?<=://)[^\s/:@\"']*:[^\s/\"']{3,}(?=@[\w\[])")
_SECRET_ASSIGNMENTS = re.compile(
    r"""((?:passw(?:or)?d|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?
        ["']?\s*(?::\s*str\s*)?[:=]\s*b?(["']))((?:\\.|(?!\2)[^\\\n]){8,})(?=\2)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(r"^[<{$%]|example|changeme|placeholder|your[_-]|\s", re.IGNORECASE)
HIDDEN = "***"
_PIECES = re.compile(r"[^\n]{1,2000}\n?|\n")
"""Lines; longer ones in pieces, since some patterns take the square of a line's length."""


def is_secret_path(path: str | PurePath) -> bool:
    """Whether a file holds secrets by its name or by the folder that it lies in."""
    pure = PurePath(path)
    if _SECRET_FOLDERS.intersection(pure.parts[:-1]):
        return True
    return bool(_SECRET_NAMES.match(pure.name)) and not _HARMLESS_NAMES.match(pure.name)


def contains_private_key(text: str) -> bool:
    """Whether `text` holds the header of a PEM or PGP private key."""
    return private_key_header(text) is not None


def private_key_header(text: str) -> tuple[int, int] | None:
    """Where the first such header stands."""
    found = _PRIVATE_KEY.search(text)
    return found and found.span()


def without_secrets(text: str, language: str | None = None) -> str:
    """`text` with what looks like a password, key or token replaced by `***`.

    By shape (the tokens of well-known services, passwords in URLs) or by name (`password = "…"`,
    `export API_TOKEN=…`). Names without a value, short values and obvious placeholders stay.

    Args:
        language: a name of `inkling.languages`; in code a bare word is a variable, so it stays.
    """
    text = KEY_BODY.sub(lambda m: m[0].replace(m["body"], HIDDEN), text)
    in_code = language is not None and language not in BARE_LANGUAGES
    spread = [found for found in spread_values(text) if not in_code or found.rule != WORD_RULE]
    text = _without(text, [*values_apart(text), *spread])
    text = _SECRET_ASSIGNMENTS.sub(_hide, text)
    return "".join([_without_values(piece, in_code) for piece in _PIECES.findall(text)])


@lru_cache(4096)  # while somebody types, all lines but one stay the same
def _without_values(line: str, in_code: bool) -> str:
    if LONG_RUN.search(line):
        line = ANY_SHAPE.sub(HIDDEN, line)
    if "://" in line:
        line = _URL_PASSWORD.sub(HIDDEN, line)
    return _without(line, named_values(line, in_code))


def _without(text: str, values: Iterable[NamedValue]) -> str:
    parts = []
    position = 0
    for found in sorted(values, key=lambda found: (found.start, -found.end)):
        if found.start >= position:
            parts += [text[position : found.start], HIDDEN]
        position = max(position, found.end)
    return "".join([*parts, text[position:]])


def _hide(match: re.Match[str]) -> str:
    return match[0] if _PLACEHOLDERS.search(match[3]) else match[1] + HIDDEN
