"""The record that every source yields: where a file is, and what is known of it before reading."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFile:
    """One file to curate.

    Attributes:
        location: absolute path on this machine.
        repo: repository, or package name for an installed environment.
        path: path inside `repo`, with forward slashes.
        revision: commit id, or package version.
        license: SPDX expression that the package or the files above it declare, if one was found.
        license_source: how it was found (`metadata`, `classifier`, `file`, joined by `+`).
        bytes: size on disk when it was listed.
        modified: modification time in nanoseconds when it was listed; part of the input key.
        committed_at: last commit of the file, seconds since 1970, if known.
        stars: of the repository, if known.
        own: the code is the user's own.
        format: `commit`, `notebook`, `discussion` …, where the text is no plain source file.
        origin: where the checkout comes from, as `inkling.origin` has it, if that is known.
        blob: git's id of the content that `revision` holds; a file with other bytes has edits that
            aren't committed, and so no revision.
        flaw: (reason, detail) if its source can't make a document of it; it is dropped for that.
    """

    location: str
    repo: str
    path: str
    revision: str | None
    license: str | None
    license_source: str | None
    bytes: int
    modified: int
    committed_at: int | None = None
    stars: int | None = None
    own: bool = False
    format: str | None = None
    flaw: tuple[str, str] | None = None
    origin: str | None = None
    blob: str | None = None
