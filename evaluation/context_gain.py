"""Do parts of other files help? Held-out holes completed with and without them, side by side.

`python -m evaluation.context_gain --corpus CORPUS [--model BUNDLE]`: for each budget of tokens
exact match, edit similarity and bits per byte beside those of the prompt without other files, with
paired bootstrap intervals. The other files of a hole's package are its repository.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path  # noqa: TC003  # tyro reads the annotation

import tyro
from rich.console import Console
from rich.progress import track
from rich.table import Table

from curation.corpus import HELDOUT, read_documents
from evaluation.bootstrap import RESAMPLES
from evaluation.holes import HoleSampling, sample_holes
from evaluation.neighbours import with_neighbours
from evaluation.report import METRICS, Comparison, Outcome, compare
from evaluation.served import ServedSystem
from inkling.errors import run_command
from inkling.settings import load_settings
from lsp_server.loading import open_engine

_MAX_NEW_TOKENS = 32


@dataclass(frozen=True)
class ContextGain:
    """Complete held-out lines with and without parts of other files, and compare.

    Attributes:
        corpus: folder that 'python -m curation run' made.
        model: bundle folder or GGUF file; the starter model if left out.
        budgets: tokens for other files, one run each.
        holes: how many holes.
        seed: of the holes.
    """

    corpus: Path
    model: Path | None = None
    budgets: tuple[int, ...] = (128, 256, 384)
    holes: int = 400
    seed: int = 0

    def run(self) -> int:
        documents = list(read_documents(self.corpus, HELDOUT))
        trees: dict[str, dict[str, str]] = {}
        for document in documents:
            trees.setdefault(document.repo, {})[document.path] = document.text
        holes = sample_holes(documents, HoleSampling(self.holes, self.holes // 4, 3, self.seed))
        settings = load_settings()
        if self.model is not None:
            settings = replace(settings, model=str(self.model))
        console = Console(stderr=True)
        table = Table("tokens", "holes with parts", *(metric.title for metric in METRICS))
        with open_engine(settings) as engine:
            vocabulary = engine.model.vocabulary
            system = ServedSystem(engine, _MAX_NEW_TOKENS)
            alone = [system.answer(hole) for hole in track(holes, "0 tokens", console=console)]
            for budget in self.budgets:
                asked = [
                    with_neighbours(
                        hole, trees[hole.package], budget, lambda text: len(vocabulary.encode(text))
                    )
                    for hole in track(holes, "choosing", console=console)
                ]
                answers = [
                    system.answer(hole)
                    for hole in track(asked, f"{budget} tokens", console=console)
                ]
                outcomes = list(map(Outcome, holes, answers, alone))
                changed = sum(bool(hole.snippets) for hole in asked) / len(asked)
                cells = [
                    _cell(compare(outcomes, metric, resamples=RESAMPLES, seed=0))
                    for metric in METRICS
                ]
                table.add_row(str(budget), f"{changed:.0%}", *cells)
        Console().print(table)
        return 0


def _cell(found: Comparison) -> str:
    interval = found.by_file
    return (
        f"{found.model:.3f}, without {found.baseline:.3f} "
        f"({interval.difference:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}])"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run `python -m evaluation.context_gain` with `arguments`; returns the exit status."""
    command = tyro.cli(ContextGain, prog="python -m evaluation.context_gain", args=arguments)
    return run_command(command.run)


if __name__ == "__main__":
    sys.exit(main())
