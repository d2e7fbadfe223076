"""Small source trees, git checkouts and installed packages for the tests to curate."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from curation.sources.source_file import SourceFile

MIT_TEXT = "MIT License\n\nCopyright (c) 2024 Nobody\n"


def module_text(seed: object, functions: int = 4) -> str:
    """Python source that shares no 5-gram of words with that of another seed, but for a few."""
    rng = random.Random(f"module {seed}")

    def word() -> str:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=8))

    parts = [f'"""{word()} {word()} {word()}."""\n']
    for _ in range(functions):
        first, second, total = word(), word(), word()
        parts.append(
            f"\n\ndef {word()}({first}, {second}):\n"
            f"    {total} = {first} + {word()}({second})\n"
            f"    return {total} - {word()}.{word()}\n"
        )
    return "".join(parts)


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write path → content below `root`; returns `root`."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def git(root: Path, *arguments: str, date: str = "2024-01-01T00:00:00+0000") -> str:
    """Run git in `root` without the user's configuration; commits bear `date`."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": date,
    }
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def git_checkout(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """A git repository with one commit of `files`."""
    write_tree(root, files)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    return root


def install(
    site: Path, name: str, version: str, files: Mapping[str, str], metadata: Iterable[str] = ()
) -> None:
    """Write a package and its `dist-info` into the folder `site`, as an installer would."""
    write_tree(site, files)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *metadata]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    record = [*files, f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{path},,\n" for path in record))


def content(file: SourceFile) -> str:
    """The text that a source has put down, line breaks as they are."""
    return Path(file.location).read_bytes().decode()
