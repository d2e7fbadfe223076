"""What the last commit of a git checkout holds, to tell whether a file still is as it is there.

git isn't asked to compare: it would run filters that the repository's own configuration names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from inkling.errors import InklingError
from inkling.git import NO_GIT, ask_git

if TYPE_CHECKING:
    from pathlib import Path


def unreadable_checkout(root: Path, reason: str) -> InklingError:
    """What to tell of a checkout that git can't read, in git's words."""
    remedy = "Install git" if reason == NO_GIT else "Repair it ('git fsck' says what is wrong)"
    return InklingError(
        f"git can't read the checkout at {root}: {reason}.",
        f"{remedy}, or leave it out.",
    )


def committed_blobs(root: Path) -> dict[str, str]:
    """Path below `root` → git's id of the content that the commit HEAD holds for it.

    Raises:
        InklingError: the commit can't be read.
    """
    tree, reason = ask_git(root, "ls-tree", "-r", "-z", "HEAD")
    if tree is None:
        raise unreadable_checkout(root, reason)
    lines = (line.partition("\t") for line in tree.split("\0") if line)
    return {path: description.split(" ")[2] for description, _, path in lines}


def is_blob(raw: bytes, blob: str) -> bool:
    """Whether a file's bytes are the content with that id, but for line ends that git converts."""
    made = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return any(
        made(b"blob %d\0" % len(content) + content).hexdigest() == blob
        for content in (raw, raw.replace(b"\r\n", b"\n"))
    )
