"""The command behind an editor's model picker."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from lsp_server.methods.models import models
from lsp_server.models.catalog import CATALOG
from lsp_server.models.store import models_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOBODY = cast("Any", None)


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
