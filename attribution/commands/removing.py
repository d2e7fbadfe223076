"""`forget` and `compact`: documents go from the answers, then from the disk."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # likewise

import tyro  # noqa: TC002  # tyro reads the annotations

from attribution.commands import exit_status
from attribution.commands.places import index_folder
from attribution.terminal import documents, printable
from inkling.errors import InklingError
from inkling.optout import OptOutList, parse_entry, read_list


@dataclass(frozen=True)
class Forget:
    """Remove documents from an index; no answer names them any more.

    Their text stays on disk until 'compact', or give --compact. Keyed hashes of it stay, so that
    its repetition can be blocked. This doesn't remove anything from a model that was trained on it.
    Exit status: 3 if a damaged part of the index couldn't be looked through.
    """

    rule: tyro.conf.Positional[tuple[str, ...]] = ()
    """What to forget: 'owner NAME', 'repo NAME', 'path REPO:PATH' or 'sha256 HASH'."""
    list: Path | None = None
    """File with one such rule a line."""
    index: Path | None = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""
    compact: bool = False
    """Write the segments again at once, so that the text is gone from the disk."""

    def run(self) -> int:
        from rich.console import Console
        from rich.markup import escape

        from attribution.forgetting import forget
        from attribution.updates import compact

        rules = OptOutList() if self.list is None else read_list(self.list)
        if self.rule:
            rules = rules.plus([parse_entry(" ".join(self.rule))])
        if not rules.entries:
            raise InklingError(
                "Nothing was named that should be forgotten.",
                "Name a rule such as 'repo NAME', or a file of rules with --list.",
            )
        folder = index_folder(self.index)
        with Console(stderr=True).status("looking for the documents") as status:
            done = forget(folder, rules, lambda name: status.update(escape(printable(name))))
            for damage in done.damaged:  # before anything else may fail
                print(printable(f"not looked through: {damage}"))
            if self.compact:
                compact(folder, lambda name: status.update(f"writing segment {name} again"))
        if done.damaged:
            print("No answer comes from there. The rule waits for it; or build the index again.")
        if not done.documents:
            print("No document in the index fits; the rule is kept for later additions.")
        else:
            names = ", ".join(done.repositories)
            print(printable(f"Removed {documents(done.documents)} of {names}."))
            if not self.compact:
                where = "" if self.index is None else f" {shlex.quote(str(folder))}"
                print(
                    f"Their text is still on disk; 'inkling attribution compact{where}' deletes it."
                )
        return exit_status.UNCHECKED if done.damaged else 0


@dataclass(frozen=True)
class Compact:
    """Write the segments that hold removed documents again without them.

    Exit status: 3 if a damaged part of the index may still hold some.
    """

    index: tyro.conf.Positional[Path | None] = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""

    def run(self) -> int:
        from rich.console import Console

        from attribution.updates import compact

        folder = index_folder(self.index)
        with Console(stderr=True).status("compacting") as status:
            done = compact(folder, lambda name: status.update(f"writing segment {name} again"))
        for damage in done.damaged:
            print(printable(f"not looked through: {damage}"))
        but = ", damaged files aside" if done.damaged else ""
        size = documents(done.manifest.documents)
        print(f"{folder} holds {size} and nothing that was removed{but}.")
        return exit_status.UNCHECKED if done.damaged else 0
