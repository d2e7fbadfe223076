"""Is a model file safe to load? llama.cpp aborts the whole process on some damaged headers.

A bundle's file is compared with the hash in its manifest; a bare GGUF file is first loaded in a
child process. What passed is remembered by size and time of change, so this costs once a file.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from inkling.atomic import write_json
from inkling.bundle import Bundle, open_bundle
from inkling.child import child_command, child_environment
from inkling.errors import EXIT_BAD_INPUT, InklingError, run_command
from inkling.settings import home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

logger = logging.getLogger(__name__)

_MEMORY_NAME = "vetted-models.json"
_REMEMBERED_FILES = 64
_PROBE_SECONDS = 300
_SAID = re.compile(r"^error: (?P<cause>.*)\n\s*(?P<remedy>.*)$", re.MULTILINE)  # by run_command


def vet(bundle: Bundle) -> None:
    """Check the model file of `bundle` unless it passed before.

    Raises:
        InklingError: it is damaged, or llama.cpp can't load it.
    """
    key = str(bundle.model_path.resolve())
    status = bundle.model_path.stat()
    stamp = [status.st_size, status.st_mtime_ns]
    remembered = _read_memory()
    if remembered.get(key) == stamp:
        return
    if bundle.manifest is not None:
        open_bundle(bundle.model_path.parent, verify=True)
    else:
        _load_in_child(bundle.model_path)
    remembered.pop(key, None)
    recent = list(remembered.items())[-_REMEMBERED_FILES + 1 :]
    _write_memory(dict([*recent, (key, stamp)]))


def _load_in_child(path: Path) -> None:
    child = subprocess.run(
        child_command("lsp_server.engine.vetting", str(path)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PROBE_SECONDS,
        check=False,
        env=child_environment(),
    )
    if child.returncode == 0:
        return
    said = _SAID.search(child.stderr)
    if child.returncode == EXIT_BAD_INPUT and said is not None:
        raise InklingError(said["cause"], said["remedy"])
    logger.debug("the trial load ended with status %s: %s", child.returncode, child.stderr)
    raise InklingError(
        f"llama.cpp crashes on loading {path}, so the file must be damaged.",
        "Fetch or build the model again, or name another one.",
    )


def _read_memory() -> dict[str, list[int]]:
    try:
        value = json.loads((home() / _MEMORY_NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_memory(value: dict[str, list[int]]) -> None:
    try:
        write_json(home() / _MEMORY_NAME, value)
    except OSError as error:
        logger.debug("can't remember vetted models: %s", error)


def _probe(path: str) -> Callable[[], None]:
    def load_and_evaluate() -> None:
        from inkling.layout import FimContext
        from lsp_server.engine.engine import Engine
        from lsp_server.engine.records import CompletionRequest, EngineSettings

        settings = EngineSettings(context_tokens=256, threads=1)
        with Engine(open_bundle(path), settings) as engine:
            engine.complete(CompletionRequest(FimContext("", "x", "\n"), max_new_tokens=1))

    return load_and_evaluate


if __name__ == "__main__":
    sys.exit(run_command(_probe(sys.argv[1])))
