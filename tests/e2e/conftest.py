"""The indexes of the attribution tests, for the page's test."""

from tests.attribution.conftest import corpus_of, index_of

__all__ = ["corpus_of", "index_of"]
