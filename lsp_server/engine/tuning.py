"""The fastest way to run a model on this machine, measured once and remembered.

What is best differs by machine and model up to threefold (threads, flash attention, batch), and
some settings crash with some builds, so each candidate is measured in a child process; one that
crashes is out. Wanted is the least time of a typical suggestion: some new tokens of prompt at a
thousand tokens of context, then a line of decoding; reading a whole prompt anew counts a tenth.
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

_MEMORY_NAME = "tuning.json"
_REMEMBERED = 64
_CHILD_SECONDS = 60
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


def remembered_tuning(bundle: Bundle) -> Tuning | None:
    """What was found for this model on this machine, if it was ever measured."""
    found = _read_memory().get(_key(bundle), {})
    try:
        return Tuning(EngineSettings(**found["settings"]), found["ms"], found["default_ms"])
    except (TypeError, KeyError):
        return None


def tune(bundle: Bundle, measure: Callable[[EngineSettings], float | None]) -> Tuning | None:
    """Try one setting after the other, keep what helps, and remember the result.

    Args:
        measure: milliseconds of a typical suggestion, or None if it crashes.

    Returns:
        None if not even the defaults can be measured.
    """
    best = EngineSettings()
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
    _remember(bundle, tuning)
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


def measure_in_child(path: Path) -> Callable[[EngineSettings], float | None]:
    """Measures a model file in a process of its own."""

    def measure(settings: EngineSettings) -> float | None:
        command = child_command("lsp_server.engine.tuning", str(path))
        try:
            child = subprocess.run(
                [*command, json.dumps(asdict(settings))],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_CHILD_SECONDS,
                check=True,
                env=child_environment(),
            )
            return float(child.stdout)
        except (subprocess.SubprocessError, ValueError) as error:
            logger.debug("tuning: %s fails: %s", settings, error)
            return None

    return measure


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


def _key(bundle: Bundle) -> str:
    status = bundle.model_path.stat()
    cores = usable_cores()
    return f"{platform.node()} {cores} cores, {bundle.model_path.resolve()} {status.st_size}"


def _read_memory() -> dict[str, dict[str, Any]]:
    try:
        value = json.loads((home() / _MEMORY_NAME).read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(bundle: Bundle, tuning: Tuning) -> None:
    kept = [(key, value) for key, value in _read_memory().items() if key != _key(bundle)]
    try:
        write_json(
            home() / _MEMORY_NAME, dict([*kept[-_REMEMBERED + 1 :], (_key(bundle), asdict(tuning))])
        )
    except OSError as error:
        logger.debug("can't remember the tuning: %s", error)


def _child() -> None:
    print(typical_ms(open_bundle(sys.argv[1]), EngineSettings(**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    sys.exit(run_command(_child))
