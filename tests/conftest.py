"""Fixtures shared by all packages: one tiny trained model, as checkpoint and as bundle."""

from __future__ import annotations

import hashlib
import shutil
import signal
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

from inkling.atomic import atomic_folder

# Properties are judged by their results: how long an example takes says more of the machine.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

REPOSITORY = Path(__file__).parent.parent
TINY_MODEL_INPUTS = (
    "tests/tiny_model.py",
    "inkling/checkpoint.py",
    "inkling/layout.py",
    "pretrain/tokenizer.py",
)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """Ctrl-C reaches tests and their children, even where a shell started all in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _tiny_model_key() -> str:
    """Changes with everything that the tiny checkpoint depends on."""
    digest = hashlib.sha256()
    for name in TINY_MODEL_INPUTS:
        digest.update((REPOSITORY / name).read_bytes())
    for package in ("tokenizers", "torch", "transformers"):
        digest.update(f"{package}=={version(package)}\n".encode())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def tiny_checkpoint(request: pytest.FixtureRequest) -> Path:
    """A finished checkpoint of a tiny trained model; read-only. Kept between runs of pytest."""
    for package in ("tokenizers", "torch", "transformers", "safetensors"):
        pytest.importorskip(package)
    from tests.tiny_model import build_tiny_checkpoint

    cached = request.config.cache.mkdir("tiny-model") / f"checkpoint-{_tiny_model_key()}"
    if not cached.is_dir():
        for stale in cached.parent.glob("checkpoint-*"):
            shutil.rmtree(stale, ignore_errors=True)
        with atomic_folder(cached) as folder:
            build_tiny_checkpoint(folder)
    return cached


@pytest.fixture(scope="session")
def tiny_bundle(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle that `quantize` makes of the tiny checkpoint; read-only."""
    pytest.importorskip("gguf")
    from quantize.bundle_writer import write_bundle

    bundle = tmp_path_factory.mktemp("tiny") / "bundle"
    write_bundle(tiny_checkpoint, bundle)
    return bundle
