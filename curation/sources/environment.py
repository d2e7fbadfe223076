"""Source "installed environment": the Python files of every package in a Python environment.

Package, version, licence and origin come from the packages' own metadata. The standard library
counts as a package named `cpython`.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from curation.sources.license_files import LicenseFiles
from curation.sources.source_file import SourceFile
from inkling.errors import InklingError
from inkling.licenses import from_description
from inkling.origin import KNOWN_HOSTS, repository_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.sources.lock import PackageLock

STANDARD_LIBRARY = "cpython"
_NOT_LIBRARY = frozenset({"site-packages", "dist-packages", "__pycache__"})
_ORIGIN = "github.com/python/cpython:Lib"
_SOURCE_LABELS = ("source", "sourcecode", "repository", "code", "github", "gitlab", "homepage")
_EXTENSIONS = frozenset({".py", ".pyi"})


def list_environment(lock: PackageLock | None = None) -> Iterator[SourceFile]:
    """Every Python file of the packages installed beside this interpreter, ordered by name.

    Args:
        lock: if given, just these packages, and their versions must match.

    Raises:
        InklingError: a locked package is missing or has another version.
    """
    installed: dict[str, importlib.metadata.Distribution] = {}
    for distribution in importlib.metadata.distributions():
        if distribution.name:  # of two on the path, Python imports the first
            installed.setdefault(normalized_name(distribution.name), distribution)
    installed.pop("inkling", None)
    if lock is not None:
        _check_lock(lock, {name: d.version for name, d in installed.items()})
        installed = {name: installed[name] for name in lock.packages}
    for name in sorted(installed):
        yield from _list_distribution(name, installed[name])


def list_package_of(location: Path) -> list[SourceFile]:
    """The files of the installed package that a file belongs to; none if it belongs to none."""
    site = next((p for p in location.parents if p.name in ("site-packages", "dist-packages")), None)
    if site is None:
        return []
    top = location.relative_to(site).parts[0].removesuffix(".py")
    names = importlib.metadata.packages_distributions().get(top, [])
    return [
        file
        for name in dict.fromkeys(names)
        for file in _list_distribution(normalized_name(name), importlib.metadata.distribution(name))
    ]


def list_standard_library() -> Iterator[SourceFile]:
    """Every Python file of this interpreter's standard library, ordered by path."""
    root = Path(sysconfig.get_path("stdlib"))
    version = ".".join(map(str, sys.version_info[:3]))
    for location in sorted(root.rglob("*.py")):
        relative = location.relative_to(root)
        if not _NOT_LIBRARY.intersection(relative.parts):
            yield from _source_file(
                location, STANDARD_LIBRARY, relative.as_posix(), version, "PSF-2.0", "metadata",
                _ORIGIN,
            )  # fmt: skip


def normalized_name(name: str) -> str:
    """A package name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared_license(distribution: importlib.metadata.Distribution) -> tuple[str | None, str]:
    """The SPDX expression that a package declares, and the field it was found in.

    `License-Expression` (PEP 639) goes before the classifiers and these before the free text of
    `License`. Several classifiers hold together.
    """
    metadata = distribution.metadata
    expression = from_description(_field(metadata, "License-Expression"))
    if expression is not None:
        return expression, "metadata"
    classifiers = [
        line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    identifiers = [from_description(line) for line in classifiers if not line.endswith("Approved")]
    if identifiers and all(identifiers):
        return " AND ".join(sorted({i for i in identifiers if i})), "classifier"
    return from_description(_field(metadata, "License")), "metadata"


def declared_origin(distribution: importlib.metadata.Distribution) -> str | None:
    """`host/owner/name` of the repository that a package's metadata links to, at a known host."""
    links = {"homepage": _field(distribution.metadata, "Home-page") or ""}
    for line in distribution.metadata.get_all("Project-URL") or []:
        label, _, address = line.partition(",")
        links[re.sub(r"[^a-z]", "", label.lower())] = address
    found = (repository_of(links[label]) for label in _SOURCE_LABELS if label in links)
    return next((o for o in found if o and o.partition("/")[0] in KNOWN_HOSTS), None)


def _field(metadata: importlib.metadata.PackageMetadata, name: str) -> str | None:
    return metadata[name] if name in metadata else None  # noqa: SIM401  # it has no `get` by type


def _list_distribution(
    name: str, distribution: importlib.metadata.Distribution
) -> Iterator[SourceFile]:
    expression, found_in = declared_license(distribution)
    origin = declared_origin(distribution)
    files = sorted(distribution.files or [], key=str)
    located = [(file.as_posix(), Path(str(distribution.locate_file(file)))) for file in files]
    licenses = LicenseFiles.among(
        (item for item in located if ".dist-info/" not in item[0]), manifests=False
    )
    if expression is None:
        expression, found_in = _installed_license_file(located)
    for (path, location), file in zip(located, files, strict=True):
        if file.suffix in _EXTENSIONS and "__pycache__" not in file.parts:
            holds, source = licenses.of(path, expression, found_in)
            yield from _source_file(
                location, name, path, distribution.version, holds, source, origin
            )


def _installed_license_file(located: list[tuple[str, Path]]) -> tuple[str | None, str]:
    """What the licence files in a package's `.dist-info` say, for one that declares nothing."""
    found = LicenseFiles.among(
        (path.rpartition("/")[2], location) for path, location in located if ".dist-info/" in path
    )
    return found.of("")[0], "file"


def _source_file(
    location: Path,
    repo: str,
    path: str,
    revision: str,
    expression: str | None,
    found_in: str | None,
    origin: str | None,
) -> Iterator[SourceFile]:
    try:
        status = location.stat()
    except OSError:
        return  # recorded by the installer, removed since
    found = found_in if expression else None
    yield SourceFile(
        str(location), repo, path, revision, expression, found, status.st_size, status.st_mtime_ns,
        origin=origin,
    )  # fmt: skip


def _check_lock(lock: PackageLock, installed: dict[str, str]) -> None:
    for name, version in lock.packages.items():
        if name not in installed:
            raise InklingError(
                f"The locked package {name}=={version} is not installed.",
                f"Install it with: pip install '{name}=={version}'.",
            )
        if installed[name].split("+")[0] != version:
            raise InklingError(
                f"Package {name} has version {installed[name]}, but {version} is locked.",
                f"Install it with: pip install '{name}=={version}'.",
            )
