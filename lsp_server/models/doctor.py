"""`inkling doctor`: what is installed, how fast it is, and what is wrong and how to mend it."""

from __future__ import annotations

import os
import platform
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import tyro
from rich.console import Console

from inkling import __version__
from inkling.errors import InklingError, run_command
from inkling.languages import LANGUAGES
from inkling.settings import Settings, home, load_settings, usable_cores
from lsp_server.models import store
from lsp_server.models.catalog import recommended, seconds_for_a_suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

_GB = 1e9
_LEAST_FREE_BYTES = 1_000_000_000
_PROBE_BYTES = 256 * 2**20
_PROBE_TEXT = "def add(left, right):\n    return left + right\n\n\n" * 20


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` says what to do if it isn't well."""

    title: str
    detail: str
    remedy: str | None = None


@dataclass(frozen=True)
class Doctor:
    """Look at the installation and the machine, measure the speed, and say what to mend.

    It changes nothing and opens no connection, but asks the completion server that the settings
    name, if there is one. The exit status is 1 if something is wrong.
    """

    quick: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Leave out the measurements, which take some seconds, and the server elsewhere."""

    def run(self) -> int:
        console = Console(highlight=False)
        sick = 0
        for finding in examine(measure=not self.quick):
            mark = "[green]✓[/]" if finding.remedy is None else "[red]✗[/]"
            console.print(f"{mark} [bold]{finding.title}[/]: ", end="")
            console.print(finding.detail, markup=False, soft_wrap=True)
            if finding.remedy is not None:
                sick += 1
                console.print(f"  {finding.remedy}", markup=False, soft_wrap=True)
        return 1 if sick else 0


def examine(*, measure: bool) -> Iterator[Finding]:
    """All findings, the quick ones first."""
    yield Finding(
        "Inkling", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"
    )
    yield _runtime()
    yield _grammars()
    yield _disk()
    settings, finding = _settings()
    yield finding
    yield _model(settings, measure=measure)
    if measure:
        yield _recommendation()


def _runtime() -> Finding:
    try:
        import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        return Finding(
            "llama.cpp",
            f"can't be loaded ({type(error).__name__})",
            "Install it again: pip install --force-reinstall llama-cpp-python.",
        )
    gpu = "with a GPU" if llama_cpp.llama_supports_gpu_offload() else "on the CPU only"
    return Finding("llama.cpp", f"llama-cpp-python {llama_cpp.__version__}, {gpu}")


def _grammars() -> Finding:
    from inkling.grammars import parsers

    wanted = [row.name for row in LANGUAGES if row.grammar]
    missing = [name for name in wanted if not parsers(name)]
    if missing:
        return Finding(
            "grammars",
            f"missing for {', '.join(missing)}",
            "Install Inkling again; until then syntax is not checked in these languages.",
        )
    return Finding("grammars", f"{len(wanted)} languages")


def _disk() -> Finding:
    folder = home()
    used = store.size_of(folder) if folder.is_dir() else 0
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    detail = f"{folder} takes {used / _GB:.2f} GB; {free / _GB:.1f} GB are free"
    if not os.access(existing, os.W_OK):
        return Finding("data folder", detail, f"Make {existing} writable, or set INKLING_HOME.")
    if free < _LEAST_FREE_BYTES:
        return Finding("data folder", detail, "Free some space, or set INKLING_HOME.")
    return Finding("data folder", detail)


def _settings() -> tuple[Settings, Finding]:
    try:
        settings = load_settings()
    except InklingError as error:
        return Settings(), Finding("settings", error.cause, error.remedy)
    names = [f"{key} = {value}" for key, value in vars(settings).items() if value]
    return settings, Finding("settings", ", ".join(names))


def _model(settings: Settings, *, measure: bool) -> Finding:
    from inkling.bundle import open_bundle

    if settings.server is not None:
        return _elsewhere(settings, measure=measure)
    try:
        bundle = open_bundle(settings.model)
        if not measure:
            return Finding("model", f"{bundle.name} ({bundle.model_path})")
        return Finding("model", f"{bundle.name}: {_speed(settings)}")
    except InklingError as error:
        return Finding("model", error.cause, error.remedy)


def _elsewhere(settings: Settings, *, measure: bool) -> Finding:
    """Whether the server that the settings name is there."""
    from inkling.layout import split_at_cursor
    from lsp_server.engine.records import CompletionRequest
    from lsp_server.remote.engine import RemoteEngine

    where = f"{settings.server} ({settings.server_kind}) is asked instead"
    try:
        engine = RemoteEngine(settings)
        if not measure:
            return Finding("model", f"{where}; not tried here")
        request = CompletionRequest(split_at_cursor(_PROBE_TEXT, len(_PROBE_TEXT)), 24)
        answer = engine.complete(request)
    except InklingError as error:
        return Finding("model", f"{where}. {error.cause}", error.remedy)
    return Finding("model", f"{where}; a completion takes {answer.prefill_ms:.0f} ms there")


def _speed(settings: Settings) -> str:
    """How fast the chosen model reads and writes, from one completion."""
    from inkling.layout import split_at_cursor
    from lsp_server.engine.records import CompletionRequest
    from lsp_server.loading import open_engine

    started = time.perf_counter()
    with open_engine(settings) as engine:
        loaded = time.perf_counter() - started
        request = CompletionRequest(split_at_cursor(_PROBE_TEXT, len(_PROBE_TEXT)), 24)
        answer = engine.complete(request)
    read = answer.prompt_tokens / max(answer.prefill_ms / 1000, 1e-9)
    written = len(answer.tokens) / max(answer.decode_ms / 1000, 1e-9)
    return (
        f"loads in {loaded:.1f} s, reads {read:.0f} tokens/s, "
        f"writes {written:.0f} tokens/s on {usable_cores()} cores"
    )


def _recommendation() -> Finding:
    rate = memory_rate()
    memory = machine_memory()
    entry = recommended(rate, memory)
    room = "" if memory is None else f", {memory / _GB:.0f} GB of memory"
    machine = f"memory is read at {rate / _GB:.1f} GB/s{room}"
    if entry is None:
        return Finding("recommended model", f"the starter model ({machine})")
    wait = seconds_for_a_suggestion(entry, rate)
    return Finding(
        "recommended model",
        f"{entry.name}, about {wait:.1f} s for a short suggestion ({machine}): "
        f"inkling model pull {entry.name}",
    )


def memory_rate() -> float:
    """Bytes a second at which this machine reads memory, the best of three tries."""
    block = np.ones(_PROBE_BYTES // 8)
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        block.sum()
        best = min(best, time.perf_counter() - started)
    return _PROBE_BYTES / best


def machine_memory() -> int | None:
    """Bytes of memory; None where the platform doesn't say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def main(arguments: list[str] | None = None) -> int:
    """Run `inkling doctor` with `arguments` (default: the process's); returns the exit status."""
    command = tyro.cli(Doctor, prog="inkling doctor", args=arguments)
    return run_command(command.run)
