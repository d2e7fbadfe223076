"""`python -m curation perplexity`: count a corpus's bytes for the filter of surprising files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tyro  # noqa: TC002  # it reads the annotations at run time

from inkling.errors import require


@dataclass(frozen=True)
class Perplexity:
    """Make the model for --perplexity from a corpus, and say which bounds would drop how much."""

    corpus: tyro.conf.Positional[Path]
    """Folder of the corpus."""
    out: Path = Path("perplexity.npz")
    """File to write."""

    def run(self) -> int:
        require("pyarrow", "train")
        import numpy as np

        from curation.corpus import HELDOUT, TRAIN, read_documents
        from curation.stages.perplexity import count_bytes, save_model

        model = count_bytes(document.text for document in read_documents(self.corpus, TRAIN))
        save_model(model, self.out)
        print(f"Wrote {self.out}.")
        held = [model.bits_a_byte(d.text) for d in read_documents(self.corpus, HELDOUT)]
        for share in (0.5, 0.9, 0.99) if held else ():
            bits = float(np.quantile(held, share))
            print(f"--most-bits {bits:.2f} keeps {share:.0%} of the held-out files.")
        return 0
