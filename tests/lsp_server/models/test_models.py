"""`inkling model` against a hub on this machine, `inkling doctor` and `inkling uninstall-data`."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import pytest

from inkling.atomic import write_json
from inkling.bundle import MANIFEST_NAME, MODEL_NAME, BundleFile, BundleManifest, open_bundle
from inkling.installed import install, models_folder
from inkling.layout import LAYOUT_VERSION
from inkling.settings import CONFIG_NAME, load_settings
from lsp_server.models import store
from lsp_server.models.catalog import CATALOG, recommended
from lsp_server.models.cli import main
from lsp_server.models.doctor import examine
from lsp_server.models.doctor import main as doctor
from lsp_server.models.uninstall import OURS
from lsp_server.models.uninstall import main as uninstall
from tests.inkling.gguf_file import gguf_bytes, qwen_like
from tests.lsp_server.answers import SOURCE
from tests.lsp_server.editor import editor
from tests.lsp_server.models.fake_hub import FakeHub, fake_hub
from tests.lsp_server.remote.test_remote import completions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("huggingface_hub")

NAME = "qwen2.5-coder-0.5b"
ENTRY = next(entry for entry in CATALOG if entry.name == NAME)
FILE = f"{ENTRY.repository}/{ENTRY.file}"


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def hub(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    assert own_home
    with fake_hub({FILE: qwen_like(200_000), "me/mine/sub/plain.gguf": gguf_bytes({})}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", "hf_secret")
        yield hub


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(list(arguments))
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return status, captured.out + captured.err


def test_a_model_is_fetched_chosen_and_removed(
    capsys: pytest.CaptureFixture[str], hub: FakeHub
) -> None:
    status, said = run(capsys, "pull", NAME, "--use")
    assert (status, "In use from now on" in said) == (0, True)
    folder = store.models_folder() / NAME
    bundle = open_bundle(folder, verify=True)
    assert bundle.manifest is not None
    assert bundle.manifest.sentinel_ids == {"PREFIX": 3, "SUFFIX": 4, "MIDDLE": 5}
    assert bundle.manifest.context_size == 4096
    assert load_settings().model == str(folder)
    assert not hub.tokens  # no token of the user's goes anywhere
    assert "→" in run(capsys, "list")[1]
    asked = len(hub.requests)
    assert run(capsys, "pull", NAME)[0] == 0
    assert len(hub.requests) == asked  # it is there already
    assert run(capsys, "rm", NAME)[0] == 0
    assert load_settings().model is None
    assert not folder.exists()


def test_an_interrupted_download_goes_on(capsys: pytest.CaptureFixture[str], hub: FakeHub) -> None:
    hub.files[FILE] = qwen_like(25_000_000)
    hub.cut_after = 15_000_000
    status, said = run(capsys, "pull", NAME)
    assert (status, "could not be fetched" in said) == (2, True)
    assert store.installed() == []
    hub.cut_after = None
    hub.requests.clear()
    assert run(capsys, "pull", NAME)[0] == 0
    (ranges,) = [wanted for method, _, wanted in hub.requests if method == "GET"]
    assert ranges is not None
    assert 0 < int(ranges.removeprefix("bytes=").removesuffix("-")) <= 15_000_000
    assert open_bundle(store.models_folder() / NAME, verify=True)


def test_a_damaged_download_is_not_taken(capsys: pytest.CaptureFixture[str], hub: FakeHub) -> None:
    hub.lie = True
    status, said = run(capsys, "pull", NAME)
    assert (status, "arrived damaged" in said) == (2, True)
    assert store.installed() == []


def test_a_model_without_fim_is_not_taken(capsys: pytest.CaptureFixture[str], hub: FakeHub) -> None:
    assert hub
    status, said = run(capsys, "pull", "me/mine/sub/plain.gguf")
    assert (status, "to fill in the middle" in said) == (2, True)
    assert store.installed() == []


@pytest.mark.parametrize("name", ["nothing", "me/mine/../x.gguf", "me/mine/x.bin", "/etc/x.gguf"])
def test_unknown_names(capsys: pytest.CaptureFixture[str], hub: FakeHub, name: str) -> None:
    for command in ("pull", "use", "rm"):
        assert run(capsys, command, name)[0] == 2
    assert not hub.requests


def test_listing_opens_no_connection(capsys: pytest.CaptureFixture[str], hub: FakeHub) -> None:
    status, said = run(capsys, "list")
    assert status == 0
    assert all(entry.name in said for entry in CATALOG)
    assert not hub.requests


def test_any_gguf_file_may_be_used(
    capsys: pytest.CaptureFixture[str], own_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / 'a "model".gguf'
    path.write_bytes(qwen_like())
    own_home.mkdir()
    (own_home / CONFIG_NAME).write_text('threads = 2\nmodel = "old"\nmax_new_tokens = 9\n')
    assert run(capsys, "use", str(path))[0] == 0
    settings = load_settings()
    assert (settings.model, settings.threads, settings.max_new_tokens) == (str(path), 2, 9)
    assert run(capsys, "use", "starter")[0] == 0
    assert load_settings().model is None
    assert tomllib.loads((own_home / CONFIG_NAME).read_text()) == {
        "threads": 2, "max_new_tokens": 9,
    }  # fmt: skip


def test_a_choice_can_be_taken_back(
    capsys: pytest.CaptureFixture[str], own_home: Path, tmp_path: Path
) -> None:
    assert own_home
    first, second = tmp_path / "first.gguf", tmp_path / "second.gguf"
    for path in (first, second):
        path.write_bytes(qwen_like())
        run(capsys, "use", str(path))
    run(capsys, "use", str(second))  # the same again is no choice
    assert run(capsys, "rollback") == (0, f"In use again: {first}.\n")
    assert load_settings().model == str(first)
    assert run(capsys, "rollback")[1] == "In use again: the starter model.\n"
    assert load_settings().model is None
    status, said = run(capsys, "rollback")
    assert (status, "no earlier choice" in said) == (2, True)
    run(capsys, "use", str(first))
    run(capsys, "use", str(second))
    first.unlink()
    assert run(capsys, "rollback")[1] == "In use again: the starter model.\n"
    (own_home / "model-history.json").write_text("{broken")
    assert run(capsys, "rollback")[0] == 2


def test_a_rollback_takes_back_a_tuning_first_and_the_choice_of_the_model_then(
    capsys: pytest.CaptureFixture[str], own_home: Path, tmp_path: Path
) -> None:
    assert own_home
    for age, name in enumerate(("earlier", "newer")):
        bundle = tmp_path / name
        bundle.mkdir()
        (bundle / MODEL_NAME).write_bytes(qwen_like())
        files = {MODEL_NAME: BundleFile.of(bundle / MODEL_NAME)}
        manifest = BundleManifest(name, files, LAYOUT_VERSION, {"PREFIX": 1}, 1024)
        write_json(bundle / MANIFEST_NAME, manifest.to_json())
        os.utime(bundle / MANIFEST_NAME, (age, age))
        install(bundle, "mine")
    run(capsys, "use", "mine")
    in_use = models_folder() / "mine"
    assert run(capsys, "rollback")[1] == f"In use again: {in_use}.\n"
    assert open_bundle(in_use).name == "earlier"
    assert run(capsys, "rollback")[1] == "In use again: the starter model.\n"


def test_a_broken_configuration_is_not_written_over(
    capsys: pytest.CaptureFixture[str], own_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(qwen_like())
    own_home.mkdir()
    (own_home / CONFIG_NAME).write_text("threads = = 2\n")
    assert run(capsys, "use", str(path))[0] == 2
    assert (own_home / CONFIG_NAME).read_text() == "threads = = 2\n"


def test_the_recommendation_follows_speed_and_memory() -> None:
    fast = recommended(1e12, 10**12)
    slow = recommended(12e9, 16 * 10**9)
    assert fast is not None
    assert slow is not None
    assert fast.parameters > slow.parameters
    assert recommended(1e9, 16 * 10**9) is None
    assert recommended(1e12, 1 * 10**9) is None
    assert recommended(1e12, None) == fast


def test_the_catalogue_is_sound() -> None:
    names = [entry.name for entry in CATALOG]
    assert len(set(names)) == len(names)
    for entry in CATALOG:
        assert entry.file.endswith(".gguf")
        assert entry.memory_bytes > entry.bytes > 0
        assert entry.licence


def test_the_doctor_names_what_is_wrong(capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
    assert doctor(["--quick"]) == 0
    assert "✗" not in capsys.readouterr().out
    own_home.mkdir(exist_ok=True)
    (own_home / CONFIG_NAME).write_text('model = "/nowhere"\n')
    assert doctor(["--quick"]) == 1
    assert "There is no model at /nowhere" in capsys.readouterr().out.replace("\n", " ")
    (own_home / CONFIG_NAME).write_text('server = "http://127.0.0.1:9"\n')
    assert doctor(["--quick"]) == 0
    assert "127.0.0.1:9 (llama.cpp) is asked instead" in capsys.readouterr().out.replace("\n", " ")
    (own_home / CONFIG_NAME).write_text('server = "http://127.0.0.1:9"\nserver_kind = "x"\n')
    assert doctor(["--quick"]) == 1
    assert "'server_kind' is 'x'" in capsys.readouterr().out.replace("\n", " ")
    (own_home / CONFIG_NAME).write_text("colour = 1\n")
    sick = [finding for finding in examine(measure=False) if finding.remedy]
    assert [finding.title for finding in sick] == ["settings"]


def test_the_doctor_tries_the_server_that_the_settings_name(own_home: Path) -> None:
    own_home.mkdir()
    with completions({"content": "x"}) as server:
        (own_home / CONFIG_NAME).write_text(f'server = "{server.address}"\n')
        there = next(found for found in examine(measure=True) if found.title == "model")
        assert "a completion takes" in there.detail
        assert there.remedy is None
    gone = next(found for found in examine(measure=True) if found.title == "model")
    assert "can't be used" in gone.detail
    assert gone.remedy is not None


async def test_what_a_server_leaves_behind_is_removed(own_home: Path, tiny_bundle: Path) -> None:
    for flags in ([], ["--share"]):
        async with editor(f"--model={tiny_bundle}", *flags, folder=own_home.parent) as session:
            await session.loaded()
            await session.inline(session.open(SOURCE * 5), 3, 0)
    left = {path.name for path in own_home.iterdir()}
    assert {"states", "run"} <= left <= set(OURS)
    assert uninstall(["--yes"]) == 0
    assert not own_home.exists()


def test_uninstalling_removes_ours_only(capsys: pytest.CaptureFixture[str], own_home: Path) -> None:
    (own_home / "models" / "a").mkdir(parents=True)
    (own_home / "models" / "a" / "model.gguf").write_bytes(b"x" * 1000)
    (own_home / CONFIG_NAME).write_text("threads = 2\n")
    (own_home / "letter.txt").write_text("mine")
    assert uninstall([]) == 2  # nobody to ask
    assert (own_home / CONFIG_NAME).exists()
    assert uninstall(["--yes"]) == 0
    assert [path.name for path in own_home.iterdir()] == ["letter.txt"]
    (own_home / "letter.txt").unlink()
    assert uninstall(["--yes"]) == 0
    assert "nothing of Inkling's" in capsys.readouterr().out
