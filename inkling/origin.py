"""Where a checkout comes from: host, owner and name, read from the address of its remote `origin`.

Nothing is asked of the host, and what an address says of users, passwords or tokens is never kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from inkling.git import run_git

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SCHEMES = frozenset({"http", "https", "ssh", "git", "git+ssh", "ssh+git", "git+https"})
_SCP = re.compile(r"(?:[^@/\s]+@)?([^@:/\\\s]{2,}):(?!//)(\S+)")
"""`git@host:owner/name`, as git reads addresses without a scheme; one letter is a drive."""
KNOWN_HOSTS = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")
_NESTING_HOSTS = re.compile(r"gitlab")
_UNFIT = re.compile(r"[\s:@\\\x00-\x1f]|\ufffd")
_MOST_CLONES = 3


def repository_of(address: str) -> str | None:
    """`host/owner/name` of a repository's address (https, ssh, `git@host:…`), else None.

    The host is in lower case; a port, `.git` and what names a page of the repository go.
    """
    try:
        parts = urlsplit(address.strip())
        host, path = parts.hostname or "", parts.path
    except ValueError:  # brackets that are no IPv6 address
        return None
    if parts.scheme not in _SCHEMES:
        match = _SCP.fullmatch(address.strip())
        if match is None or parts.scheme == "file":
            return None
        host, path = match[1].lower(), match[2]
    names = _names(host.removeprefix("www."), unquote(path).split("/"))
    if not host or len(names) < 2 or any(_UNFIT.search(n) or n == ".." for n in names):
        return None
    return "/".join([host.removeprefix("www."), *names])


def _names(host: str, parts: Sequence[str]) -> list[str]:
    """Owner (with its subgroups) and name in the path of an address."""
    names = [part for part in parts if part not in ("", ".")]
    if "-" in names:
        names = names[: names.index("-")]  # GitLab's pages
    if len(names) > 2 and names[0] == "scm":
        names = names[1:]  # Bitbucket on one's own server
    if host in KNOWN_HOSTS and not _NESTING_HOSTS.search(host):
        names = names[:2]
    if names:
        names[-1] = re.sub(r"\.git$", "", names[-1], flags=re.IGNORECASE)
    return [name for name in names if name]


def origin_of(folder: Path) -> str | None:
    """`host/owner/name` of the checkout that a folder lies in; None if it has no such origin.

    For a folder inside of the checkout `:its/path` follows. A clone of a checkout on this machine
    has that one's origin.
    """
    origin = _origin(folder, _MOST_CLONES)
    prefix = (run_git(folder, "rev-parse", "--show-prefix") or "").strip("\n").rstrip("/")
    return f"{origin}:{_stored(prefix)}" if origin and prefix else origin


def _origin(folder: Path, clones: int) -> str | None:
    address = (run_git(folder, "remote", "get-url", "origin") or "").rstrip("\n")
    found = repository_of(_stored(address))
    if found is not None or not address or not clones:
        return found
    place = folder / address.removeprefix("file://")
    return _origin(place, clones - 1) if place.is_dir() else None


def _stored(name: str) -> str:
    """A name that can be stored: bytes in it that aren't UTF-8 become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def inner_origin(origin: str, place: str) -> str:
    """The origin of a checkout that lies at `place` in a folder which paths are told from."""
    return f"{origin}::{_stored(place)}"


def place_in_origin(origin: str, path: str) -> tuple[str, str]:
    """(`host/owner/name`, path from the repository's root) of a file.

    Args:
        origin: as `origin_of` or `inner_origin` gives it.
        path: of the file, from the folder that `origin` or `place` was told of.
    """
    repository, _, folder = origin.partition(":")
    if folder.startswith(":"):
        return repository, path.removeprefix(f"{folder[1:]}/")
    return repository, f"{folder}/{path}" if folder else path
