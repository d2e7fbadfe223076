"""`python -m attribution`: build an index, ask it, change it, serve it."""

from __future__ import annotations

from typing import Annotated

import tyro

from attribution.commands.asking import Check, Stats, Who
from attribution.commands.building import Add, Build
from attribution.commands.removing import Compact, Forget
from attribution.commands.serving import Serve
from attribution.terminal import printable
from inkling.errors import InklingError, run_command

Command = (
    Annotated[Build, tyro.conf.subcommand("build")]
    | Annotated[Add, tyro.conf.subcommand("add")]
    | Annotated[Check, tyro.conf.subcommand("check")]
    | Annotated[Who, tyro.conf.subcommand("who")]
    | Annotated[Forget, tyro.conf.subcommand("forget")]
    | Annotated[Compact, tyro.conf.subcommand("compact")]
    | Annotated[Stats, tyro.conf.subcommand("stats")]
    | Annotated[Serve, tyro.conf.subcommand("serve")]
)


def main(arguments: list[str] | None = None) -> int:
    """Parse `arguments` (default: the process's) and run the command they name."""

    def command() -> int:
        parsed: Build | Add | Check | Who | Forget | Compact | Stats | Serve = tyro.cli(
            Command, args=arguments, prog="inkling attribution", description=__doc__
        )
        try:
            return parsed.run()
        except InklingError as error:  # it may name what an index or a corpus holds
            raise InklingError(printable(error.cause), error.remedy) from error

    return run_command(command)
