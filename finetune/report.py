"""What a run tells its user: its plan, the comparison at its end, and the model card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from finetune.options import FinetuneOptions
    from finetune.proof import Proof
    from finetune.split import Split
    from inkling.checkpoint import CheckpointManifest


def plan(
    options: FinetuneOptions, split: Split, shape: tuple[int, int], held: int, steps: int
) -> str:
    """The plan in some lines; `shape` is (windows, tokens) to train on, `held` windows to test."""
    if split.by_time:
        how = "the files committed last are held out"
    else:
        how = "no commit times tell the files apart, so a hash of their paths says which"
    seconds = options.budget_seconds
    limit = "" if seconds is None else f", {seconds / 60:g} minutes at most"
    return (
        f"Learn {len(split.train)} files and test on {len(split.heldout)} ({how}).\n"
        f"Training: {shape[0]} windows of {shape[1]} tokens, {steps} steps{limit}; "
        f"test: {held} windows."
    )


def proof_table(proof: Proof) -> Table:
    """Before and after."""
    table = Table("held-out files", "before", "after", "change")
    change = proof.tuned / proof.base - 1
    table.add_row("bits per byte", f"{proof.base:.3f}", f"{proof.tuned:.3f}", f"{change:+.1%}")
    table.add_row("windows won", "", f"{proof.windows_better} of {proof.windows}", "")
    return table


def model_card(manifest: CheckpointManifest, proof: Proof) -> str:
    """The card as Markdown: what the model comes from, what it learned, what that brought."""
    training = manifest.training
    split = "the files committed last" if training["split_by_time"] else "files chosen by hash"
    verdict = "better" if proof.wins else "not better"
    licenses = ", ".join(f"{name} ({count})" for name, count in training["licenses"].items())
    return f"""# {manifest.name}

The code model {training["base"]} ({", ".join(manifest.languages) or "any language"}), trained on
with the files of one repository, {training["repository"]}, for fill-in-the-middle completion in
version {manifest.layout_version} of Inkling's prompt layout. It may repeat that repository's code,
so share it only where you would share the code.

| | |
|---|---|
| files learned | {training["train_documents"]} |
| files held out | {training["heldout_documents"]}: {split} |
| licences of the files | {licenses} |
| training | {training["steps"]} steps, {training["hours"]:.2f} hours |
| held-out, before | {proof.base:.3f} bits per byte |
| held-out, after | {proof.tuned:.3f} bits per byte: {verdict} |
| corpus of the base | `{manifest.corpus}` |
| corpus of the repository | `{training["repository_corpus"]}` |

To remove a file from the model, remove it from the repository and train again from the base.
"""
