"""A text without a name is read in the language in which the index knows the most of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attribution.likely_language import likely_language
from attribution.query import check
from tests.attribution.samples import CANARY, OWN_CODE, renamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from attribution.index import Index

SCRIPT = """\
export function sieve(grains, mesh) {
  const kept = [];
  for (const grain of grains) {
    // what is coarser stays above
    if (grain.width > mesh.width && !mesh.isTorn) {
      kept.push({ ...grain, above: mesh.name });
    } else if (grain.isWet) {
      throw new Error(`a wet grain of ${grain.width} clogs ${mesh.name}`);
    }
  }
  return kept.length ? kept : null;
}
"""


@pytest.fixture
def index(open_of: Callable[..., Index]) -> Index:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    script = replace(document(SCRIPT, "alice/a", "b.js", TRAIN), language="javascript")
    return open_of([document(CANARY, "alice/a", "a.py", TRAIN), script])


def test_copies_are_found_in_the_language_that_they_are_written_in(index: Index) -> None:
    assert index.languages == {"python", "javascript"}
    other = SCRIPT.replace("grain", "pebble").replace("kept", "rest").replace("mesh", "net")
    for text, language in (renamed(CANARY), "python"), (other, "javascript"):
        assert likely_language(index, text.encode()) == language
        assert check(index, text.encode(), language).findings


@pytest.mark.parametrize("text", [b"", b"\0\1\2", OWN_CODE.encode(), b"Sand is not code. " * 50])
def test_what_the_index_hardly_knows_has_no_language(index: Index, text: bytes) -> None:
    assert likely_language(index, text) is None
