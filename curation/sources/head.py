"""What the last commit of a git checkout holds, to tell whether a file still is as it is there.

git isn't asked to compare: it would run filters that the repository's own configuration names.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from inkling.working_tree import run_git

if TYPE_CHECKING:
    from pathlib import Path


def committed_blobs(root: Path) -> dict[str, str]:
    """Path below `root` → git's id of the content that the commit HEAD holds for it."""
    tree = run_git(root, "ls-tree", "-r", "-z", "HEAD") or ""
    lines = (line.partition("\t") for line in tree.split("\0") if line)
    return {path: description.split(" ")[2] for description, _, path in lines}


def is_blob(raw: bytes, blob: str) -> bool:
    """Whether a file's bytes are the content with that id, but for line ends that git converts."""
    made = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return any(
        made(b"blob %d\0" % len(content) + content).hexdigest() == blob
        for content in (raw, raw.replace(b"\r\n", b"\n"))
    )
