"""`python -m curation opt-out`: keep the opt-out list, and apply it to a corpus that exists."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import tyro

from inkling.atomic import sha256_file
from inkling.cli import main as inkling
from inkling.errors import InklingError, require
from inkling.optout import OptOut, OptOutList, add_entries, default_list, parse_entry, read_list
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.corpus import DroppedFile

_TWINS_SHOWN = 10


@dataclass(frozen=True)
class Add:
    """Add entries to the list. Every later run leaves out what they name."""

    entries: tyro.conf.Positional[tuple[str, ...]] = ()
    """owner:NAME, repo:OWNER/NAME, path:REPO:PATH or sha256:HASH."""
    file: tuple[Path, ...] = ()
    """Leave out the content of these files, wherever it lies."""
    list: Path | None = None
    """The list (default: opt-out.txt under INKLING_HOME)."""

    def run(self) -> int:
        entries = [parse_entry(text) for text in self.entries]
        for file in self.file:
            try:
                entries.append(OptOut("sha256", sha256_file(file)))
            except OSError as error:
                raise InklingError(
                    f"The file {file} can't be read: {error.strerror}.", "Name a file to leave out."
                ) from error
        if not entries:
            raise InklingError(
                "There is nothing to add.", "Name an entry, such as owner:NAME, or a --file."
            )
        new = add_entries(entries, self.list)
        place = self.list or default_list()
        print(f"Added {len(new)} of {len(entries)} entries to {place}.")
        print("Take it out of a corpus that exists with: python -m curation opt-out apply CORPUS.")
        return 0


@dataclass(frozen=True)
class Show:
    """Print the list."""

    list: Path | None = None
    """The list (default: opt-out.txt under INKLING_HOME)."""

    def run(self) -> int:
        print(read_list(self.list).to_text(), end="")
        return 0


@dataclass(frozen=True)
class Apply:
    """Take what the list names out of a corpus that exists, out of what runs have kept, and out of
    attribution indexes."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    list: Path | None = None
    """The list (default: opt-out.txt under INKLING_HOME)."""
    index: tuple[Path, ...] = ()
    """Attribution indexes to take it out of as well, text included."""
    work: Path | None = None
    """The work folder of the corpus's runs (default: the one under INKLING_HOME)."""

    def run(self) -> int:
        entries = read_list(self.list)
        require("pyarrow", "train")
        from curation.removal import entries_without_hit, remove_opted_out, without_hit_text
        from curation.work_folder import WorkFolder, remove_leftovers

        done = remove_opted_out(self.corpus, entries)
        remove_leftovers(self.corpus.expanduser().resolve())
        for row in done.removed:
            print(f"{row.repo}/{row.path}: {row.reason} {row.detail}")
        print(f"Removed {len(done.removed):,} documents from {self.corpus}.")
        if missed := without_hit_text(entries_without_hit(self.corpus, entries)):
            print(missed)
        work = self.work or home() / "work" / "curation"
        place = WorkFolder.of(work, self.corpus)
        if place.folder.is_dir():
            print(f"Removed {place.forget(entries):,} results of earlier runs from {work}.")
        else:
            print(f"{work} holds nothing of this corpus; if its runs had another --work, name it.")
        self._print_twins(done.twins)
        return self._forget(entries)

    def _print_twins(self, twins: Sequence[DroppedFile]) -> None:
        if twins:
            names = ", ".join(f"{row.repo}/{row.path}" for row in twins[:_TWINS_SHOWN])
            more = f" and {len(twins) - _TWINS_SHOWN:,} more" if len(twins) > _TWINS_SHOWN else ""
            print(
                f"{len(twins):,} permitted files had been dropped as copies of what is gone now: "
                f"{names}{more}. Give the run's command again to let the best of them in."
            )

    def _forget(self, entries: OptOutList) -> int:
        """Have the command of `attribution`, which nothing here imports, do its part."""
        place = self.list or default_list()
        if not self.index:
            print("Take it out of an index with --index FOLDER, or with:")
            print(f"    python -m attribution forget --compact --list {shlex.quote(str(place))}")
        if not entries.entries:
            return 0
        for index in self.index:
            command = ["attribution", "forget", "--compact", "--list", str(place)]
            status = inkling([*command, "--index", str(index)])
            if status:
                return status
        return 0


@dataclass(frozen=True)
class OptOutCommand:
    """Keep the list of owners, repositories, paths and contents that no corpus may hold."""

    action: tyro.conf.OmitArgPrefixes[
        Annotated[Add, tyro.conf.subcommand("add", prefix_name=False)]
        | Annotated[Show, tyro.conf.subcommand("show", prefix_name=False)]
        | Annotated[Apply, tyro.conf.subcommand("apply", prefix_name=False)]
    ]

    def run(self) -> int:
        return self.action.run()
