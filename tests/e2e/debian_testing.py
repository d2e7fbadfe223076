"""Newer editors than the machine has, from Debian's testing suite, unpacked into a folder.

Nothing on the machine changes: the package tools' own folders are swapped for private ones, and
the packages run with the C library that they bring.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SOURCE = f"deb [signed-by={KEYRING}] http://deb.debian.org/debian testing main\n"
LIBRARIES = f"usr/lib/{platform.machine()}-linux-gnu"


class UnavailableError(Exception):
    """Why this machine can't have it: one sentence."""


def fetch(folder: Path, package: str) -> Path:
    """Unpack a package and what it needs into `folder`/root, unless it is there; returns that.

    Raises:
        UnavailableError: no apt, no such package, no connection.
    """
    root = folder / "root"
    if root.exists():
        return root
    if shutil.which("apt-get") is None or not KEYRING.exists():
        raise UnavailableError("this is no Debian")
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("state/lists/partial", "cache/archives/partial", "empty"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(SOURCE)
    (folder / "status").touch()
    options = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": folder / "empty",
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
    }
    flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    for command in (["update"], ["-y", "--download-only", "install", package]):
        _run(["apt-get", "-qq", *flags, *command], folder)
    unpacked = folder / "unpacked"
    for archive in sorted((folder / "cache/archives").glob("*.deb")):
        _run(["dpkg", "-x", str(archive), str(unpacked)], folder)
    unpacked.rename(root)
    return root


def command(root: Path, program: str) -> list[str]:
    """The command line of a program (its path below `root`) that `fetch` has unpacked."""
    loaders = [*root.glob("lib64/ld-linux*"), *root.glob("usr/lib64/ld-linux*")]
    loaders += [*(root / LIBRARIES).glob("ld-linux*")]
    if not loaders:
        raise UnavailableError("its packages bring no program loader")
    libraries = str(root / LIBRARIES)
    return [str(loaders[0]), "--library-path", libraries, str(root / program)]


def _run(words: list[str], folder: Path) -> None:
    try:
        subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True, timeout=240)
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().rpartition("\n")[2]
        raise UnavailableError(f"{words[0]}: {last}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{words[0]}: {error}") from error
