"""The model card of a checkpoint: data, licences, tokens, hours and the loss curve.

Held-out completion results join it when the model has been quantized and measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inkling.atomic import atomic_file, write_text

if TYPE_CHECKING:
    from pathlib import Path

    from inkling.checkpoint import CheckpointManifest

CARD_NAME = "README.md"
CURVE_NAME = "loss.svg"


def write_model_card(folder: Path, manifest: CheckpointManifest, log: list[dict[str, Any]]) -> None:
    """Write `README.md` and, if matplotlib is installed, `loss.svg`."""
    curve = _draw_curve(folder / CURVE_NAME, log)
    write_text(folder / CARD_NAME, model_card(manifest, CURVE_NAME if curve else None))


def model_card(manifest: CheckpointManifest, curve: str | None) -> str:
    """The card as Markdown."""
    training = manifest.training
    data = training["data"]
    tokens_by_repo: dict[str, int] = data["tokens_by_repo"]
    total = sum(tokens_by_repo.values())
    packages = "\n".join(
        f"| {repo} | {count:,} | {count / total:.1%} |" for repo, count in tokens_by_repo.items()
    )
    licenses = "\n".join(
        f"| {name} | {count / total:.1%} |" for name, count in data["licenses"].items()
    )
    losses = [f"{value:.3f}" for value in training["loss"]]
    heldout = [f"{value:.3f}" for value in training["heldout_loss"]]
    drawn = (
        f"{data['tokens']:,} packed tokens ({training['tokens'] / data['tokens']:.2f} of them): "
        f"{data['documents']:,} documents, {data['bytes'] / 1e6:.0f} MB"
    )
    picture = f"\n![Loss by tokens]({curve})\n" if curve else ""
    return f"""# {manifest.name}

A code model of {training["parameters"] / 1e6:.1f} million parameters for fill-in-the-middle
completion ({", ".join(manifest.languages)}), in version {manifest.layout_version} of Inkling's
prompt layout. It is meant for completing code in an editor while it is typed. It is far too small
to be asked for programs, it knows little of the world, and what it writes must be read like any
draft.

## Training

| | |
|---|---|
| tokens | {training["tokens"]:,} in {training["steps"]:,} steps |
| drawn at random from | {drawn} |
| time | {training["hours"]:.2f} hours on {training["device"]} |
| window | {manifest.context_size} tokens |
| last training loss | {", ".join(losses)} nats a token |
| last held-out loss | {", ".join(f"{loss} nats a token" for loss in heldout) or "not measured"} |
| corpus | `{manifest.corpus}` |
{picture}
## Data

Curated source code without exact or near-duplicates; the licences and repositories below, the
largest with {data["largest_share"]:.1%} of the tokens.

| licence | tokens |
|---|---|
{licenses}

<details><summary>Repositories and packages</summary>

| repository or package | tokens | share |
|---|---|---|
{packages}

</details>
"""


def _draw_curve(path: Path, log: list[dict[str, Any]]) -> bool:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    figure = Figure(figsize=(7, 4))
    axes = figure.subplots()
    for key, label in (("loss", "training"), ("eval_loss", "held-out packages")):
        points = [(row["tokens"] / 1e6, row[key]) for row in log if key in row]
        if points:
            axes.plot(*zip(*points, strict=True), label=label)
    axes.set_xlabel("million tokens")
    axes.set_ylabel("loss, nats a token")
    axes.grid(alpha=0.3)
    axes.legend()
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="svg", metadata={"Date": None})
    return True
