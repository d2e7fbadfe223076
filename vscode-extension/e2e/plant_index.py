"""Builds the index of a corpus of one document, for the tests that need a match.

Arguments: the document's text as a file, and the index's folder.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from attribution.build import build_index, plan_build
from curation.corpus import TRAIN
from tests.evaluation.corpus_fixture import document, write_corpus

text, index = map(Path, sys.argv[1:])
planted = replace(
    document(text.read_text(), path="sand/quicksand.py", split=TRAIN),
    repo="dunes",
    license="GPL-3.0-only",
)
with tempfile.TemporaryDirectory() as folder:
    build_index(plan_build(write_corpus(Path(folder) / "corpus", [planted]), index))
