"""`serve`: the HTTP service and its page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003  # likewise

import tyro  # noqa: TC002  # tyro reads the annotations

from attribution.commands.models import corpus_of_model
from attribution.commands.places import index_folder
from inkling.optout import default_list


@dataclass(frozen=True)
class Serve:
    """Answer over HTTP, with a page to paste code into. Needs the extra 'serve'.

    Beyond this machine it asks for a key (INKLING_API_KEY) and limits the rate.
    """

    index: tyro.conf.Positional[Path | None] = None
    """Folder of the index (default: indexes/default under INKLING_HOME)."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = 8787
    """Port to listen on."""
    model: str | None = None
    """Bundle of the model that wrote the texts: answers say if the index belongs to another one."""
    opt_out: Path | None = None
    """List that requests for removal are appended to (default: opt-out.txt under INKLING_HOME,
    which 'build' and 'add' of an index and curation obey)."""
    requests_a_minute: int = 120
    """Limit for each client, if the service listens beyond this machine."""

    def run(self) -> int:
        from attribution.service.run import serve

        folder = index_folder(self.index)
        return serve(
            folder,
            self.host,
            self.port,
            self.opt_out or default_list(),
            self.requests_a_minute,
            corpus_of_model(self.model),
        )
