import pytest


@pytest.fixture(scope="session")  # TEMPORARY
def tiny_bundle():
    from pathlib import Path as P

    return P("/tmp/exp/lsp/bundle")
