"""What must never enter a prompt, a corpus or a log: files by name, blocks by shape.

This is the cheap gate that runs everywhere, on every request and every file. It doesn't replace
the secrets stage of curation, which looks at values.
"""

from __future__ import annotations

import re
from pathlib import PurePath

_SECRET_NAMES = re.compile(
    r"""^(
        \.env(\..+)? | .+\.env
      | \.netrc | _netrc | \.pgpass | \.htpasswd | \.git-credentials | \.pypirc | \.npmrc
      | id_(rsa|dsa|ecdsa|ed25519)(\.pub)?
      | .+\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg)
      | credentials(\.(json|ya?ml|toml|ini))? | secrets?\.(json|ya?ml|toml|ini|env)
      | service[-_]account.*\.json
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_HARMLESS_NAMES = re.compile(r"^\.env\.(example|sample|template|dist)$", re.IGNORECASE)
_SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker"})
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")


def is_secret_path(path: str | PurePath) -> bool:
    """Whether a file holds secrets by its name or by the folder that it lies in."""
    pure = PurePath(path)
    if _SECRET_FOLDERS.intersection(pure.parts[:-1]):
        return True
    return bool(_SECRET_NAMES.match(pure.name)) and not _HARMLESS_NAMES.match(pure.name)


def contains_private_key(text: str) -> bool:
    """Whether `text` holds the header of a PEM or PGP private key."""
    return _PRIVATE_KEY.search(text) is not None
