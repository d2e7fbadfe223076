"""Builds the index of a corpus of one document, for the tests that need a match.

Arguments: the document's text as a file, the index's folder, and the bundle of the model whose
corpus this is said to be, so that the index isn't foreign to it.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from attribution.build import build_index, plan_build
from curation.corpus import TRAIN
from inkling.bundle import open_bundle
from tests.evaluation.corpus_fixture import document, write_corpus

text, index, model = map(Path, sys.argv[1:])
planted = replace(
    document(text.read_text(), path="sand/quicksand.py", split=TRAIN),
    repo="dunes",
    license="GPL-3.0-only",
)
with tempfile.TemporaryDirectory() as folder:
    plan = plan_build(write_corpus(Path(folder) / "corpus", [planted]), index)
    bundle = open_bundle(str(model))
    corpus = bundle.manifest.corpus if bundle.manifest is not None else None
    build_index(replace(plan, corpus_hash=corpus or plan.corpus_hash))
