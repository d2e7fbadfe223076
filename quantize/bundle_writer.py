"""Checkpoint → bundle, in one step that either happens as a whole or not at all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from inkling.atomic import atomic_folder, write_json
from inkling.bundle import MANIFEST_NAME, MODEL_NAME, BundleFile, BundleManifest
from inkling.errors import InklingError
from quantize.checkpoint_reader import Checkpoint, open_checkpoint
from quantize.file_types import FileType
from quantize.gguf_writer import write_gguf
from quantize.llama_quantize import effective_types, quantize_gguf
from quantize.progress import Steps
from quantize.quality import compare_models

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE_NAME = "reference.gguf"


def write_bundle(
    checkpoint_folder: Path,
    out: Path,
    file_type: FileType = FileType.Q8_0,
    *,
    name: str | None = None,
    verbose: bool = False,
    steps: Steps | None = None,
) -> BundleManifest:
    """Convert, quantize, compare with float32, and write the bundle folder `out`.

    Args:
        out: replaced as a whole if it holds an earlier bundle; left alone if anything fails.
        name: of the model; the checkpoint's own if None.
        verbose: print llama.cpp's log.
        steps: shows progress; None shows nothing.

    Raises:
        InklingError: bad checkpoint, a folder in the way, no space, or llama.cpp refuses.
    """
    steps = steps or Steps()
    _check_target(out)
    checkpoint = open_checkpoint(checkpoint_folder)
    name = name or checkpoint.manifest.name
    try:
        with atomic_folder(out) as folder:
            quantization = _write_model(checkpoint, folder, file_type, name, verbose, steps)
            for path in checkpoint.card_files:
                shutil.copyfile(path, folder / path.name)
            manifest = _describe(checkpoint, folder, name, quantization)
            write_json(folder / MANIFEST_NAME, manifest.to_json())
    except OSError as error:
        raise InklingError(
            f"The bundle {out} can't be written: {error.strerror or error}.",
            "Free some space there, or name another folder with --out.",
        ) from error
    return manifest


def _check_target(out: Path) -> None:
    """Only an earlier bundle or an empty folder may be replaced."""
    if not out.exists():
        return
    if out.is_dir() and ((out / MANIFEST_NAME).is_file() or not any(out.iterdir())):
        return
    raise InklingError(
        f"There is something else than a bundle at {out}.", "Name another folder with --out."
    )


def _write_model(
    checkpoint: Checkpoint,
    folder: Path,
    file_type: FileType,
    name: str,
    verbose: bool,
    steps: Steps,
) -> dict[str, Any]:
    """Write `model.gguf`; returns what the manifest says about its quantization."""
    model, reference = folder / MODEL_NAME, folder / REFERENCE_NAME
    with steps.step("convert to F32") as advance:
        write_gguf(checkpoint, reference, FileType.F32, name=name, on_tensor=advance)
    if file_type is FileType.F32:
        shutil.copyfile(reference, model)
    elif file_type.unquantized:
        with steps.step(f"write as {file_type.name}") as advance:
            write_gguf(checkpoint, model, file_type, name=name, on_tensor=advance)
    else:
        with steps.step(f"quantize to {file_type.name}"):
            quantize_gguf(reference, model, file_type, verbose=verbose)
    with steps.step("compare with F32") as advance:
        quality = compare_models(
            reference,
            model,
            checkpoint.vocabulary.sentinel_ids,
            verbose=verbose,
            on_text=advance,
        )
    reference.unlink()
    return {
        "type": file_type.name,
        **effective_types(model, file_type).to_json(),
        "quality": quality.to_json(),
    }


def _describe(
    checkpoint: Checkpoint, folder: Path, name: str, quantization: dict[str, Any]
) -> BundleManifest:
    manifest = checkpoint.manifest
    return BundleManifest(
        name=name,
        files={MODEL_NAME: BundleFile.of(folder / MODEL_NAME)},
        layout_version=manifest.layout_version,
        sentinel_ids={s.name: i for s, i in checkpoint.vocabulary.sentinel_ids.items()},
        context_size=manifest.context_size,
        languages=list(manifest.languages),
        quantization=quantization,
        corpus=manifest.corpus,
    )
