"""An engine over the tiny model, and a home of its own for whatever the tests start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.bundle import Bundle, open_bundle
from lsp_server.engine.engine import Engine
from lsp_server.engine.records import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE_THREAD = EngineSettings(threads=1)


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        (home / "config.toml").write_text("threads = 1\n")
        patch.setenv("INKLING_HOME", str(home))
        patch.delenv("INKLING_MODEL", raising=False)
        yield


@pytest.fixture(scope="session")
def bundle(tiny_bundle: Path) -> Bundle:
    return open_bundle(tiny_bundle)


@pytest.fixture(scope="session")
def engine(bundle: Bundle) -> Iterator[Engine]:
    """One engine for all tests: whatever came before must not matter."""
    with Engine(bundle, ONE_THREAD) as engine:
        yield engine
