"""The served model on disk: a folder with `model.gguf` and the manifest `bundle.json`.

`quantize` writes bundles, `lsp_server` serves them. A bare GGUF file is served too: it is a
bundle without a manifest, of which only what its own metadata says is known.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from inkling.atomic import sha256_file
from inkling.errors import InklingError, flaw
from inkling.gguf_metadata import read_gguf_metadata
from inkling.layout import LAYOUT_VERSION

BUNDLE_VERSION = 1
MANIFEST_NAME = "bundle.json"
MODEL_NAME = "model.gguf"
ADAPTER_NAME = "adapter.gguf"
STARTER_PATH = Path(__file__).parent / "starter"


@dataclass(frozen=True)
class BundleFile:
    """Size in bytes and hex SHA-256 of one file of a bundle."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> BundleFile:
        return cls(path.stat().st_size, sha256_file(path))


@dataclass(frozen=True)
class BundleManifest:
    """What `bundle.json` says.

    Attributes:
        name: shown to the user.
        files: name in the folder → size and hash.
        layout_version: `inkling.layout.LAYOUT_VERSION` that the model was trained with.
        sentinel_ids: name of `inkling.layout.Sentinel` → token id.
        context_size: tokens that the model was trained on at once.
        languages: names of `inkling.languages`; the server stays silent in others. Empty: any.
        quantization: type asked for, effective types by tensor, and the quality report.
        evaluation: held-out results, as `evaluation` wrote them.
        corpus: manifest hash of the corpus that the model was trained on.
        attribution_index: manifest hash of the index it belongs to, if one was built.
    """

    name: str
    files: dict[str, BundleFile]
    layout_version: int
    sentinel_ids: dict[str, int]
    context_size: int
    languages: list[str] = field(default_factory=list)
    quantization: dict[str, Any] = field(default_factory=dict)
    evaluation: dict[str, Any] = field(default_factory=dict)
    corpus: str | None = None
    attribution_index: str | None = None
    version: int = BUNDLE_VERSION

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> BundleManifest:
        known = {f.name for f in fields(cls)}
        values = {key: item for key, item in value.items() if key in known}
        values["files"] = {name: BundleFile(**item) for name, item in values["files"].items()}
        for key in ("layout_version", "context_size"):
            if not isinstance(values[key], int):
                raise TypeError(f"{key} is not a whole number")
        return cls(**values)


@dataclass(frozen=True)
class Bundle:
    """A model to serve: the GGUF file, and the manifest if there is one."""

    model_path: Path
    manifest: BundleManifest | None

    @property
    def name(self) -> str:
        return self.manifest.name if self.manifest else self.model_path.stem

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Names of `inkling.languages` that the model was trained on; empty for any.

        Without a manifest the file itself is asked: one that `quantize` wrote says it.
        """
        if self.manifest is not None:
            return tuple(self.manifest.languages)
        try:
            return read_gguf_metadata(self.model_path).languages
        except InklingError:  # who loads the file says what is wrong with it
            return ()

    def serves(self, language: str | None) -> bool:
        """Whether the model was trained on `language` (a name of `inkling.languages`)."""
        return not self.languages or language in self.languages


def open_bundle(path: str | Path | None = None, *, verify: bool = False) -> Bundle:
    """Open a bundle folder or a bare GGUF file; None opens the starter model.

    File sizes are always compared with the manifest; `verify` compares the hashes as well.

    Raises:
        InklingError: missing, incomplete, altered, or written by a newer Inkling.
    """
    if isinstance(path, str) and not path.strip():
        raise InklingError(
            "The path of the model is empty.", "Name a GGUF file or a folder with bundle.json."
        )
    location = STARTER_PATH if path is None else Path(path).expanduser()
    if location.is_file():
        _check_gguf_magic(location)
        return Bundle(location, None)
    manifest_path = location / MANIFEST_NAME
    if not manifest_path.is_file():
        if (location / MODEL_NAME).is_file():
            return open_bundle(location / MODEL_NAME)
        raise InklingError(
            f"There is no model at {location}.",
            "Name a GGUF file or a folder that holds bundle.json.",
        )
    manifest = _read_manifest(manifest_path)
    if manifest.layout_version > LAYOUT_VERSION:
        raise InklingError(
            f"The bundle {location} wants version {manifest.layout_version} of the prompt layout; "
            f"this Inkling knows up to {LAYOUT_VERSION}.",
            "Upgrade Inkling.",
        )
    for name, expected in manifest.files.items():
        _check_file(location / name, expected, verify)
    if MODEL_NAME not in manifest.files:
        raise InklingError(
            f"The manifest {manifest_path} describes no {MODEL_NAME}.",
            "Fetch or build the bundle again.",
        )
    _check_gguf_magic(location / MODEL_NAME)
    return Bundle(location / MODEL_NAME, manifest)


def _read_manifest(path: Path) -> BundleManifest:
    damaged = "Fetch or build the bundle again."
    try:
        value = json.loads(path.read_bytes())
        version = value["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InklingError(f"The manifest {path} is damaged: {flaw(error)}.", damaged) from error
    if not isinstance(version, int):
        raise InklingError(f"The manifest {path} has the version {version!r}.", damaged)
    if version > BUNDLE_VERSION:
        raise InklingError(
            f"The bundle {path.parent} has version {version}; "
            f"this Inkling reads up to {BUNDLE_VERSION}.",
            "Upgrade Inkling.",
        )
    try:
        return BundleManifest.from_json(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise InklingError(f"The manifest {path} is damaged: {flaw(error)}.", damaged) from error


def _check_file(path: Path, expected: BundleFile, verify: bool) -> None:
    if not path.is_file():
        raise InklingError(f"The bundle lacks its file {path}.", "Fetch or build the bundle again.")
    changed = path.stat().st_size != expected.bytes or (
        verify and sha256_file(path) != expected.sha256
    )
    if changed:
        raise InklingError(
            f"The file {path} is not the one that its manifest describes.",
            "Fetch or build the bundle again.",
        )


def _check_gguf_magic(path: Path) -> None:
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic != b"GGUF":
        raise InklingError(
            f"The file {path} is not a GGUF model.", "Name a file that llama.cpp can load."
        )
