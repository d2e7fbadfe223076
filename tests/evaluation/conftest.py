"""The tiny model's vocabulary, for tests that need real tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inkling.bundle import open_bundle
from lsp_server.engine.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.engine.vocabulary import Vocabulary


@pytest.fixture(scope="package")
def engine(tiny_bundle: Path) -> Iterator[Engine]:
    """The tiny model, loaded once for this folder's tests."""
    with Engine(open_bundle(tiny_bundle)) as loaded:
        yield loaded


@pytest.fixture(scope="package")
def vocabulary(engine: Engine) -> Vocabulary:
    return engine.model.vocabulary
