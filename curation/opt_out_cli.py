"""`python -m curation opt-out`: keep the opt-out list, and apply it to a corpus that exists."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # tyro reads the annotations at run time
from typing import Annotated

import tyro

from inkling.atomic import sha256_file
from inkling.errors import InklingError, require
from inkling.optout import OptOut, add_entries, default_list, parse_entry, read_list


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
    """Take what the list names out of a corpus that exists."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    list: Path | None = None
    """The list (default: opt-out.txt under INKLING_HOME)."""

    def run(self) -> int:
        entries = read_list(self.list)
        require("pyarrow", "train")
        from curation.removal import remove_opted_out

        removed = remove_opted_out(self.corpus, entries)
        for row in removed:
            print(f"{row.repo}/{row.path}: {row.reason} {row.detail}")
        print(f"Removed {len(removed):,} documents from {self.corpus}.")
        place = self.list or default_list()
        print(f"Take them out of an index with: python -m attribution forget --list {place}.")
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
