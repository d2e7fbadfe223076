"""Puts what a comparison found into the bundle it measured: the manifest and the model card."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inkling.atomic import write_json, write_text
from inkling.bundle import MANIFEST_NAME
from inkling.errors import InklingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inkling.bundle import Bundle

CARD_NAME = "README.md"
_HEADING = "## Held-out completion"
_KEPT = ("version", "created_at", "corpus", "holes", "baseline", "metrics", "verdicts", "packages")


def record(bundle: Bundle, report: Mapping[str, Any]) -> None:
    """Write a `fim` report into the bundle's manifest, and a section of its card.

    An earlier section of the card is replaced, so the numbers always belong to the model beside it.

    Raises:
        InklingError: the model is a bare GGUF file, which has no manifest.
    """
    if bundle.manifest is None:
        raise InklingError(
            f"The model {bundle.model_path} has no manifest to record results in.",
            "Make a bundle with: python -m quantize.",
        )
    folder = bundle.model_path.parent
    manifest = replace(bundle.manifest, evaluation={key: report[key] for key in _KEPT})
    write_json(folder / MANIFEST_NAME, manifest.to_json())
    card = folder / CARD_NAME
    text = card.read_text(encoding="utf-8") if card.is_file() else f"# {bundle.name}\n"
    before, _, rest = text.partition(f"{_HEADING}\n")
    _, mark, after = rest.partition("\n## ")
    write_text(card, before.rstrip() + "\n\n" + section(report) + mark + after)


def section(report: Mapping[str, Any]) -> str:
    """The results as Markdown."""
    holes, baseline = report["holes"], report["baseline"]
    rows = "\n".join(
        f"| {key.replace('_', ' ')} {item['unit']} | {item['model']:.3f} | {item['baseline']:.3f} "
        f"| {item['difference']:+.3f} {_interval(item['interval_by_file'])} "
        f"| {_interval(item['interval_by_package'])} |"
        for key, item in report["metrics"].items()
    )
    packages = "\n".join(
        f"| {row['package']} | {row['holes']} "
        f"| {row['exact_match']['model']:.1f} / {row['exact_match']['baseline']:.1f} "
        f"| {row['edit_similarity']['model']:.1f} / {row['edit_similarity']['baseline']:.1f} "
        f"| {row['bits_per_byte']['model']:.2f} / {row['bits_per_byte']['baseline']:.2f} |"
        for row in report["packages"]
    )
    verdicts = "\n".join(f"- {verdict}" for verdict in report["verdicts"])
    return f"""{_HEADING}

{holes["count"]} single-line holes in {holes["files"]} files of {holes["packages"]} packages that
were held out whole; the quantized model, asked as the language server asks it. The baseline is a
{baseline["kind"]}, order {baseline["order"]}, {baseline["smoothing"]}. Intervals are 95 % paired
bootstrap intervals of model − baseline.

| | model | baseline | difference, by file | by package |
|---|---|---|---|---|
{rows}

{verdicts}

| package (model / baseline) | holes | exact match % | edit similarity % | bits per byte |
|---|---|---|---|---|
{packages}
"""


def _interval(ends: list[float | None]) -> str:
    return "[" + ", ".join("–" if end is None else f"{end:+.3f}" for end in ends) + "]"
