"""What a run tells its user: its plan, the comparison at its end, and the model card."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.table import Table

from finetune.base_license import NOT_STATED
from finetune.gate.proof import ARMS, DECIDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evaluation.bootstrap import Interval
    from finetune.gate.proof import Proof
    from finetune.material import Material
    from finetune.options import FinetuneOptions
    from finetune.planning import Cost
    from finetune.train import Recipe
    from finetune.training_data import TrainingData
    from inkling.checkpoint import CheckpointManifest


def plan(
    options: FinetuneOptions,
    material: Material,
    data: TrainingData,
    recipe: Recipe,
    cost: Cost,
    spent: float | None,
) -> str:
    """The plan in some lines; `spent` are the seconds that training is expected to take."""
    lines = [f"Learn {len(data.learned)} files"]
    if data.improbable:
        lines[0] += f" ({len(data.improbable)} more are too unlike code for the base)"
    for source in material.sources:
        if source.cut is not None:
            lines.append(
                f"Prove on the newest {len(source.cut.commits)} commits of {source.name}, which "
                f"aren't learned; learn its files as of {source.cut.revision[:10]}."
            )
    if material.heldout:
        lines.append(f"Prove on {len(material.heldout)} whole files, which aren't learned.")
    time = "" if spent is None else f", about {max(1, round(spent / 60))} min"
    lines += [
        f"Training: {recipe.method.value}, {recipe.steps} steps of {options.batch} windows of "
        f"{data.train.shape[1]} tokens at most{time}.",
        f"It takes about {cost.memory / 1e9:.1f} GB of memory and {cost.disk / 1e6:.0f} MB of "
        "disk.",
    ]
    return "\n".join(lines)


def proof_table(proof: Proof) -> Table:
    """All arms, and what tuning changes with memory on both sides."""
    table = Table(title=f"{proof.holes} holes in {proof.clusters} {proof.kind} not learned",
                  title_justify="left")  # fmt: skip
    table.add_column("%")
    for arm in (*ARMS, "change, alone", "change, with memory"):
        table.add_column(arm, justify="right")
    for name, measure in proof.measures.items():
        values = [f"{100 * measure.arms[arm]:.1f}" for arm in ARMS]
        table.add_row(name, *values, _interval(measure.alone), _interval(measure.remembering))
    return table


def verdict(proof: Proof) -> str:
    """One sentence."""
    found = proof.measures[DECIDING].remembering
    if found.clusters < 2:  # nothing to resample
        return f"There is too little to prove anything with: {proof.holes} holes."
    outcome = "is better" if proof.wins else "is not proven better"
    return (
        f"With memory on both sides the tuned model {outcome}: {DECIDING} changes by "
        f"{_interval(found)} points."
    )


def overlap_text(overlap: dict[str, Any]) -> str:
    """How many of the held-out files weren't asked about, since they were seen before."""
    text = (
        f"{len(overlap['known_to_base'])} of {overlap['files']} held-out files were known to the "
        "base"
        if overlap["measured"]
        else "what the base knew of the held-out files was not measured (no --base-corpus)"
    )
    copies = len(overlap["copies"])
    return f"Overlap: {text}; copies of files learned: {copies}. Such files weren't asked."


def forgetting_text(facts: dict[str, Any]) -> str:
    """Bits per byte of generic code, before and after, and of which code."""
    before, after = facts["forgetting"]["before"], facts["forgetting"]["after"]
    if before is None or after is None:
        return "not measured: no generic code in the base's languages, and no --base-corpus"
    known = "" if facts["overlap"]["measured"] else (
        " (the standard library, which the base may have learned; --base-corpus names other code)"
    )  # fmt: skip
    return f"{before:.3f} → {after:.3f}{known}"


def counted(total: int, parts: Mapping[str, int]) -> str:
    """A count with what it is made of."""
    return f"{total} ({', '.join(f'{k} {v}' for k, v in parts.items())})" if parts else str(total)


def dropped_text(funnel: Iterable[dict[str, Any]]) -> str:
    """How many files curation left out, with the reasons of each stage."""
    reasons: Counter[str] = Counter()
    for row in funnel:
        reasons.update({f"{row['stage']}: {k}": v for k, v in row["reasons"].items()})
    return counted(reasons.total(), dict(reasons.most_common()))


def _interval(interval: Interval) -> str:
    return (
        f"{100 * interval.difference:+.1f} [{100 * interval.low:+.1f}, {100 * interval.high:+.1f}]"
    )


def model_card(manifest: CheckpointManifest, report: dict[str, Any], proof: Proof) -> str:
    """The card as Markdown: what the model comes from, what it learned, what that brought."""
    training = manifest.training
    licenses = ", ".join(f"{name} ({count})" for name, count in training["licenses"].items())
    rows = "\n".join(
        f"| {name} | " + " | ".join(f"{100 * measure.arms[arm]:.1f}" for arm in ARMS)
        + f" | {_interval(measure.remembering)} |"
        for name, measure in proof.measures.items()
    )  # fmt: skip
    audit = report["audit"]
    revisions = _revisions(training)
    secrets = counted(training["redactions"], training.get("redaction_kinds", {}))
    return f"""# {manifest.name}

The code model {training["base"]} ({", ".join(manifest.languages) or "any language"}), trained on
with the files of {", ".join(training["repositories"])}, for fill-in-the-middle completion in
version {manifest.layout_version} of Inkling's prompt layout. It may repeat that code, so share the
model only where you would share the code.

## Data

| | |
|---|---|
| learned as of | {revisions} |
| files learned | {training["train_documents"]} |
| places where earlier commits typed | {training.get("past_changes", 0)} |
| files kept aside for the loss | {training.get("aside_documents", 0)} |
| licences of the files | {licenses} |
| licence of the base | {training.get("base_license", NOT_STATED)} |
| secrets replaced | {secrets} |
| files left out by curation | {dropped_text(report["curation"])} |
| training | {training["method"]}, {training["steps"]} steps, {training["hours"]:.2f} hours |
| corpus of the base | `{manifest.corpus}` |
| corpus of the repositories | `{training["repository_corpus"]}` |

## What it brings

{proof.holes} lines of {proof.clusters} {proof.kind} that were not learned, in %, and the change
with memory on both sides (95 % bootstrap interval, paired by {proof.kind.rstrip("s")}):

| | {" | ".join(ARMS)} | change |
|---|{"---|" * (len(ARMS) + 1)}
{rows}

{verdict(proof)}

Bits per byte of generic code: {forgetting_text(report)}.
Exposure of planted canaries: {audit["exposure_before"]:.1f} bits before,
{audit["exposure_after"]:.1f} after, of {audit["exposure_limit"]:.0f}.
Rare strings gone on with word for word: {audit["recalled_before"]} before,
{audit["recalled_after"]} after, of {audit["rare_strings"]}.

To remove a file or a repository from the model, remove it (or write it into the opt-out list,
`python -m curation opt-out add`) and train again from the base. The model that this one replaced is
kept for `inkling model rollback` until the next one takes its place.
"""


def _revisions(training: Mapping[str, Any]) -> str:
    """At which commit each repository was learned; the others were learned as they lay there."""
    found = training.get("revisions", {})
    return ", ".join(
        f"{name} {found[name][:12]}" if name in found else f"{name} (no history)"
        for name in training["repositories"]
    )
