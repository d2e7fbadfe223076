"""What is learned: several places at once, never their secrets, never a checkout's own files."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from inkling.errors import InklingError
from tests.finetune.conftest import HELD_OUT, module

pytest.importorskip("datatrove")
pytest.importorskip("gguf")

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.material import Material


def material(tiny_checkpoint: Path, run: Path, *places: object, **options: bool) -> Material:
    from finetune.base import open_base
    from finetune.material import read_material
    from finetune.options import FinetuneOptions
    from finetune.run_folder import RunFolder

    given = FinetuneOptions(tuple(map(str, places)), **options)  # type: ignore[arg-type]
    return read_material(given, open_base(tiny_checkpoint), RunFolder(run), Console(quiet=True))


def test_an_address_and_a_plain_folder_are_learned_together(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in ("oak", "pine", "quince", "rowan", "spruce"):
        (folder / f"{name}.py").write_text(module(name))
    status = subprocess.run(["git", "status", "--porcelain"], cwd=repo, capture_output=True)
    found = material(tiny_checkpoint, tmp_path / "run", f"file://{repo}", folder)
    cut, plain = found.sources
    assert cut.cut is not None
    assert plain.cut is None
    paths = {document.path for document in found.learned}
    assert not paths & {f"{name}.py" for name in HELD_OUT}
    assert {document.repo for document in found.learned} == {"arboretum", "plain"}
    assert [document.repo for document in found.heldout] == ["plain", "plain"]
    again = subprocess.run(["git", "status", "--porcelain"], cwd=repo, capture_output=True)
    assert status.stdout == again.stdout


def test_a_folder_inside_of_a_checkout_is_learned_and_the_checkout_named(
    repo: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from finetune.base import open_base
    from finetune.material import read_material
    from finetune.options import FinetuneOptions
    from finetune.run_folder import RunFolder

    inner = repo / "inner"
    inner.mkdir()
    for name in ("oak", "pine", "quince", "rowan"):
        (inner / f"{name}.py").write_text(module(name))
    given = FinetuneOptions((str(inner),))
    console = Console(width=400)
    found = read_material(given, open_base(tiny_checkpoint), RunFolder(tmp_path / "run"), console)
    assert not found.by_commit
    paths = {document.path for document in (*found.learned, *found.heldout)}
    assert paths == {f"inner/{name}.py" for name in ("oak", "pine", "quince", "rowan")}
    assert f"is a folder of the checkout {repo.resolve()}; name that" in capsys.readouterr().out


def test_a_repository_full_of_secrets_is_refused_with_a_list(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    from finetune.material import secret_counts

    folder = tmp_path / "leaky"
    folder.mkdir()
    for number, name in enumerate(("oak", "pine", "quince", "rowan")):
        secret = f'API_TOKEN = "ghp_{number}Zk3JvXq8Lw2NcR7tYb5PdM9sHf4GaE1uW6"\n'
        (folder / f"{name}.py").write_text(secret + module(name))
    with pytest.raises(InklingError, match=r"in 4 of 4 files: leaky/oak\.py \(KEY\), leaky/pi"):
        material(tiny_checkpoint, tmp_path / "run", folder)
    found = material(tiny_checkpoint, tmp_path / "run", folder, allow_secrets=True)
    documents = [*found.learned, *found.heldout]
    assert len(documents) == 4
    assert all(secret_counts(document) == {"KEY": 1} for document in documents)
    assert not any("ghp_" in document.text for document in documents)


def test_two_of_one_name_are_refused(repo: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    twin = tmp_path / "arboretum"
    twin.mkdir()
    with pytest.raises(InklingError, match="Two of the repositories"):
        material(tiny_checkpoint, tmp_path / "run", repo, twin)


def test_an_address_that_cannot_be_fetched(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="could not be fetched"):
        material(tiny_checkpoint, tmp_path / "run", f"file://{tmp_path}/none.git")


def test_generic_code_is_mixed_in_by_its_share() -> None:
    import numpy as np

    from finetune.material import mix

    own, generic = np.zeros((90, 4)), np.ones((50, 4))
    mixed = mix(own, generic, 0.1, seed=0)
    assert len(mixed) == 100
    assert mixed[:, 0].sum() == 10
    assert 0 < mixed[:50, 0].sum() < 10
    assert len(mix(own, generic, 0.0, seed=0)) == 90


def test_what_the_base_has_seen_is_told(tmp_path: Path) -> None:
    from finetune.overlap import known_shares
    from tests.evaluation.corpus_fixture import document, write_corpus

    known = module("oak")
    corpus = write_corpus(tmp_path / "corpus", [replace(document(known), split="train")])
    shares = known_shares({"same": known, "new": module("pine"), "short": "x = 1\n"}, corpus)
    assert shares["same"] == 1
    assert shares["new"] < 0.5
    assert shares["short"] == 0
