"""`inkling lsp`: serve completions to an editor. Its twin is `python -P -m lsp_server`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from inkling.errors import InklingError, run_command
from inkling.settings import load_settings
from lsp_server import logs


@dataclass(frozen=True)
class Serve:
    """Serve completions to an editor over the Language Server Protocol.

    Editors start it as 'inkling lsp' and speak with it over standard input and output.
    """

    stdio: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Speak over standard input and output (the default; editors often pass this flag)."""

    tcp: str | None = None
    """Listen on HOST:PORT for one editor instead; ':0' takes any free port of this machine."""

    allow_remote: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Let '--tcp' listen where other machines can reach it. There is no password."""

    share: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Share one process, and one copy of the model, with all windows that are started like this."""

    model: str | None = None
    """Bundle folder or GGUF file (default: what the settings or the editor say)."""

    log_file: Path | None = None
    """Where to log (default: standard error)."""

    log_level: logs.Level = "info"
    """Least severity to log. The text of documents is never logged."""

    def run(self) -> int:
        if self.tcp is not None and (self.stdio or self.share):
            other = "--stdio" if self.stdio else "--share"
            raise InklingError(f"{other} and --tcp exclude each other.", "Choose one of them.")
        logs.configure(self.log_level, self.log_file)
        settings = load_settings()
        if self.share and (status := self._shared()) is not None:
            return status
        from lsp_server.server import build_server
        from lsp_server.transport import parse_address, serve_stdio, serve_tcp

        address = (
            parse_address(self.tcp, allow_remote=self.allow_remote)
            if self.tcp is not None
            else None
        )
        server = build_server(settings, self.model)
        try:
            if address is None:
                serve_stdio(server.protocol)
            else:
                serve_tcp(server.protocol, *address)
        finally:
            server.stop()
        return 0

    def _shared(self) -> int | None:
        """Serve as one of several windows; the exit status, None if there is no such server."""
        from lsp_server.sharing.relay import connect, relay

        # That process has a working directory of its own.
        model = str(Path(self.model).expanduser().absolute()) if self.model is not None else None
        connection = connect(model, self.log_level)
        if connection is None:
            return None
        if self.log_file is None:
            return relay(connection, sys.stderr.buffer)
        with self.log_file.open("ab") as log:
            return relay(connection, log)


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling lsp` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Serve, prog="inkling lsp", args=arguments)
    return run_command(command.run)
