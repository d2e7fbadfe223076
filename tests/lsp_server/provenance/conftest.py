"""The indexes of the attribution tests, for the tests of the editor's side."""

from tests.attribution.conftest import corpus_of, index_of, open_of

__all__ = ["corpus_of", "index_of", "open_of"]
