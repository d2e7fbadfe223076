"""The command behind an editor's model picker."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import gguf

from inkling.bundle import ADAPTER_NAME, MANIFEST_NAME
from inkling.installed import models_folder
from lsp_server.methods.models import models
from lsp_server.models.catalog import CATALOG

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOBODY = cast("Any", SimpleNamespace(served=None))


def test_lists_what_can_be_fetched_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    listed = models(NOBODY)["models"]
    assert [each["name"] for each in listed] == [entry.name for entry in CATALOG]
    assert all(each["path"] is None and each["bytes"] > 0 for each in listed)
    json.dumps(listed)


def test_lists_what_is_here_first_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    known = CATALOG[1].name
    for name in (known, "mine"):
        folder = models_folder() / name
        folder.mkdir(parents=True)
        (folder / "bundle.json").write_text("{}")
    listed = models(NOBODY)["models"]
    assert {each["name"] for each in listed[:2]} == {known, "mine"}
    assert all(each["path"] is not None for each in listed[:2])
    assert len(listed) == len(CATALOG) + 1
    (fetched,) = [each for each in listed if each["name"] == known]
    assert fetched["licence"] == CATALOG[1].licence


def install_adapter(name: str, base: str | None) -> Path:
    """What tuning leaves of a model, as far as the list looks at it."""
    folder = models_folder() / name
    folder.mkdir(parents=True)
    (folder / MANIFEST_NAME).write_text("{}")
    writer = gguf.GGUFWriter(folder / ADAPTER_NAME, "qwen3")
    writer.add_type("adapter")
    if base is not None:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return folder / ADAPTER_NAME


def test_lists_the_adapters_that_tuning_left_those_that_fit_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    install_adapter("jinja-personal", "another-model")
    used = install_adapter("starlette-personal", "inkling-starter")
    (models_folder() / "broken").mkdir()
    for name in (MANIFEST_NAME, ADAPTER_NAME):
        (models_folder() / "broken" / name).write_text("{}")
    serving = SimpleNamespace(served=SimpleNamespace(name="inkling-starter", adapter=used))
    fitting, other = models(cast("Any", serving))["adapters"]
    assert fitting == {
        "name": "starlette-personal",
        "path": str(used),
        "base": "inkling-starter",
        "fits": True,
        "used": True,
    }
    assert (other["name"], other["fits"], other["used"]) == ("jinja-personal", False, False)
