"""The fastest way to run a model on this machine, measured once and remembered.

What is best differs by machine and model up to threefold (threads, flash attention, batch), and
some settings crash with some builds, so each candidate is measured in a child process; one that
crashes is out. Wanted is the least time of a typical suggestion: some new tokens of prompt at a
thousand tokens of context, then a line of decoding; reading a whole prompt anew counts a tenth.
Nobody waits for it: it is done in pauses, and a key ends what is being measured.
"""

from __future__ import annotations

import json
import logging
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from inkling.atomic import write_json
from inkling.bundle import Bundle, open_bundle
from inkling.child import child_command, child_environment
from inkling.errors import run_command
from inkling.settings import home, usable_cores
from lsp_server.engine.records import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

_DEFAULTS = EngineSettings()
_MEMORY_NAME = "tuning.json"
_REMEMBERED = 64
_CHILD_SECONDS = 60
_LOOK_SECONDS = 0.02
_CONTEXT_TOKENS = 960
_TYPED_TOKENS = 8
_NEW_TOKENS = 16
_COLD_SHARE = 0.1
_BETTER_BY = 0.95
"""A candidate must take less than this share of the best one's time: noise decides nothing."""


@dataclass(frozen=True)
class Tuning:
    """What was found: the settings, and the milliseconds of a typical suggestion with them and
    with the defaults."""

    settings: EngineSettings
    ms: float
    default_ms: float


def remembered_tuning(bundle: Bundle, gpu_layers: int = _DEFAULTS.gpu_layers) -> Tuning | None:
    """What was found for this model on this machine, if it was ever measured.

    Args:
        gpu_layers: of the settings; what is best on a GPU is not on the CPU.
    """
    found = _read_memory().get(_key(bundle, gpu_layers), {})
    try:
        return Tuning(EngineSettings(**found["settings"]), found["ms"], found["default_ms"])
    except (TypeError, KeyError):
        return None


def tune(
    bundle: Bundle,
    measure: Callable[[EngineSettings], float | None],
    first: EngineSettings = _DEFAULTS,
) -> Tuning | None:
    """Try one setting after the other, keep what helps, and remember the result.

    Args:
        measure: milliseconds of a typical suggestion, or None if it crashes.
        first: settings to begin with.

    Returns:
        None if not even the defaults can be measured.
    """
    best = first
    default_ms = measure(best)
    if default_ms is None:
        return None
    ms = default_ms
    for change in candidates(usable_cores()):
        candidate = replace(best, **change)
        if candidate == best:
            continue
        found = measure(candidate)
        logger.debug("tuning: %s takes %s ms", change, found)
        if found is not None and found < _BETTER_BY * ms:
            best, ms = candidate, found
    tuning = Tuning(best, ms, default_ms)
    _remember(_key(bundle, first.gpu_layers), tuning)
    return tuning


def candidates(cores: int) -> Iterator[dict[str, Any]]:
    """Changes to try, one after the other, on top of what has helped so far."""
    yield {"flash_attention": True}
    yield {"flash_attention": True, "kv_type": "q8_0"}
    yield {"kv_type": "f32"}
    for threads in sorted({1, cores // 2, cores} - {0}):
        yield {"decode_threads": threads}
    yield {"batch_tokens": 64}
    yield {"batch_tokens": 512}


class _DisturbedError(Exception):
    """The machine had other work meanwhile, so that the time says nothing."""


def measure_in_child(
    path: Path, is_calm: Callable[[], bool] = lambda: True
) -> Callable[[EngineSettings], float | None]:
    """Measures a model file in a process of its own.

    Args:
        is_calm: whether nobody wants the machine now. A measurement waits for that, and one that is
            disturbed ends at once and is made again.
    """

    def measure(settings: EngineSettings) -> float | None:
        command = child_command("lsp_server.engine.tuning", str(path), json.dumps(asdict(settings)))
        while True:
            while not is_calm():
                time.sleep(_LOOK_SECONDS)
            try:
                found = _said_by(command, is_calm)
            except _DisturbedError:
                continue
            if found is None:
                logger.debug("tuning: %s fails", settings)
            return found

    return measure


def _said_by(command: list[str], is_calm: Callable[[], bool]) -> float | None:
    """The number that a process prints; None if it fails or takes too long.

    Raises:
        _DisturbedError: it was ended, since the calm has ended.
    """
    ends = time.monotonic() + _CHILD_SECONDS
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=child_environment(),
    ) as child:
        while child.poll() is None and time.monotonic() < ends:
            if not is_calm():
                child.kill()
                raise _DisturbedError
            time.sleep(_LOOK_SECONDS)
        child.kill()  # does nothing to one that has ended
        assert child.stdout is not None
        said = child.stdout.read()
    try:
        return float(said) if child.returncode == 0 else None
    except ValueError:
        return None


def typical_ms(bundle: Bundle, settings: EngineSettings) -> float:
    """Milliseconds of a typical suggestion; the best of three.

    A part of the cache is shifted, too: there are settings with which that ends the process.
    """
    from lsp_server.engine.model import Model
    from lsp_server.engine.session import Session

    model = Model(bundle, settings.gpu_layers)
    session = Session(model, settings)
    length = min(_CONTEXT_TOKENS, session.context_size - _TYPED_TOKENS - _NEW_TOKENS)
    ids = [token % model.vocabulary.size for token in range(1, length + 1)]
    started = time.perf_counter()
    session.feed(ids)
    cold = time.perf_counter() - started
    rounds = []
    for number in range(3):
        started = time.perf_counter()
        session.feed([*ids, *[number + 1] * _TYPED_TOKENS])
        for token in range(_NEW_TOKENS):
            session.extend([token])
        rounds.append(time.perf_counter() - started)
    gone = length // 4
    session.feed([*ids[:gone], *ids[2 * gone :]], shift_before=ids[-1])
    session.extend([ids[0]])
    session.close()
    model.close()
    return (min(rounds) + _COLD_SHARE * cold) * 1000


def _key(bundle: Bundle, gpu_layers: int) -> str:
    size = bundle.model_path.stat().st_size
    machine = f"{platform.node()} {usable_cores()} cores, {gpu_layers} layers on a GPU"
    return f"{machine}, {bundle.model_path.resolve()} {size}"


def _read_memory() -> dict[str, dict[str, Any]]:
    try:
        value = json.loads((home() / _MEMORY_NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(key: str, tuning: Tuning) -> None:
    kept = [item for item in _read_memory().items() if item[0] != key]
    try:
        write_json(home() / _MEMORY_NAME, dict([*kept[-_REMEMBERED + 1 :], (key, asdict(tuning))]))
    except OSError as error:
        logger.debug("can't remember the tuning: %s", error)


def _child() -> None:
    print(typical_ms(open_bundle(sys.argv[1]), EngineSettings(**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    sys.exit(run_command(_child))
