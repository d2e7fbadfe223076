"""Staying current: what does worse on the newest commits is taken back."""

from __future__ import annotations

import inspect
import json
import os
import queue
import shlex
import shutil
import subprocess
import sys
import sysconfig
from datetime import datetime
from pathlib import Path

import pytest
from filelock import FileLock

from finetune.watch import Watch, roll_back_if_worse, until
from inkling.atomic import write_json
from inkling.bundle import MANIFEST_NAME, MODEL_NAME, STARTER_PATH, BundleFile, open_bundle
from inkling.errors import InklingError
from inkling.installed import install, models_folder
from inkling.settings import load_settings
from lsp_server.models import history, store
from tests.finetune.conftest import commit

pytest.importorskip("datatrove")
pytest.importorskip("gguf")
NAME = "arboretum-personal"
MODULES = ("bisect.py", "sched.py", "shlex.py", "textwrap.py", "queue.py", "heapq.py",
           "fnmatch.py", "calendar.py")  # fmt: skip


def revision(repo: Path, name: str) -> str:
    found = subprocess.run(["git", "rev-parse", name], cwd=repo, check=True, capture_output=True)
    return found.stdout.decode().strip()


def remember(home: Path, tuned: str) -> Path:
    """Note that the installed model was tuned at a revision, as an earlier look would have."""
    path = home / "watch" / NAME / "watch.json"
    path.parent.mkdir(parents=True)
    write_json(path, {"tuned": tuned})
    return path


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter model with half of its weights lost."""
    folder = tmp_path_factory.mktemp("worn") / "bundle"
    shutil.copytree(STARTER_PATH, folder)
    model = folder / MODEL_NAME
    data = model.read_bytes()
    model.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    found = BundleFile.of(model)
    manifest["files"][MODEL_NAME] = {"bytes": found.bytes, "sha256": found.sha256}
    write_json(folder / MANIFEST_NAME, manifest)
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which each commit adds a module of Python's own, of which memory knows little
    and the starter much."""
    folder = tmp_path_factory.mktemp("work") / "library"
    folder.mkdir()
    for month, name in enumerate(MODULES, start=1):
        shutil.copy(Path(sysconfig.get_path("stdlib")) / name, folder)
        commit(folder, f"2024-{month:02}-01T12:00:00Z")
    return folder


def in_use() -> bytes:
    return open_bundle(models_folder() / NAME, verify=True).model_path.read_bytes()


def test_a_model_that_does_worse_on_the_newest_commits_is_rolled_back(
    library: Path, worn: Path
) -> None:
    since = revision(library, f"HEAD~{len(MODULES) - 1}")
    install(STARTER_PATH, NAME)
    install(worn, NAME)
    assert roll_back_if_worse(library, NAME, since)
    assert in_use() == (STARTER_PATH / MODEL_NAME).read_bytes()


def test_the_first_model_is_judged_beside_its_base(library: Path, worn: Path) -> None:
    since = revision(library, f"HEAD~{len(MODULES) - 1}")
    install(worn, NAME)
    assert not roll_back_if_worse(library, NAME, since, STARTER_PATH)  # not in use
    store.use(NAME)
    assert roll_back_if_worse(library, NAME, since, STARTER_PATH)
    assert load_settings().model is None
    config = models_folder().parent / "config.toml"
    config.write_text(f"model = {json.dumps(str(models_folder() / NAME))}\n")  # by hand
    history.write([])
    assert roll_back_if_worse(library, NAME, since, STARTER_PATH)
    assert load_settings().model is None


def test_a_model_with_nothing_to_go_back_to_stays(repo: Path, worn: Path) -> None:
    install(worn, NAME)
    store.use(NAME)
    assert not roll_back_if_worse(repo, NAME, revision(repo, "HEAD~6"))


def test_too_few_new_lines_decide_nothing(repo: Path, worn: Path) -> None:
    install(STARTER_PATH, NAME)
    install(worn, NAME)
    assert not roll_back_if_worse(repo, NAME, revision(repo, "HEAD~1"))
    assert in_use() == (worn / MODEL_NAME).read_bytes()


def test_without_new_commits_nothing_is_done(
    repo: Path, inkling_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = revision(repo, "HEAD")
    path = remember(inkling_home, head)
    assert Watch(repo, once=True).run() == 0
    assert f"Nothing new in {repo} since {head[:10]}" in capsys.readouterr().out.replace("\n", "")
    assert {entry.name for entry in path.parent.iterdir()} <= {"watch.json", "watch.lock"}


def test_two_looks_at_once_do_not_meet(
    repo: Path, inkling_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = remember(inkling_home, revision(repo, "HEAD~3"))
    with FileLock(path.with_suffix(".lock")):
        assert Watch(repo, once=True).run() == 0
    assert "Another process tunes" in capsys.readouterr().out
    assert json.loads(path.read_bytes()) == {"tuned": revision(repo, "HEAD~3")}


def test_a_look_that_failed_is_made_again(repo: Path, tmp_path: Path, inkling_home: Path) -> None:
    path = remember(inkling_home, revision(repo, "HEAD~3"))
    with pytest.raises(InklingError, match="no finished checkpoint"):
        Watch(repo, base=str(tmp_path / "none"), once=True).run()
    assert json.loads(path.read_bytes()) == {"tuned": revision(repo, "HEAD~3")}


def test_a_bad_night_does_not_end_the_watch(
    repo: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nights: list[float] = []

    def sleep(seconds: float) -> None:
        nights.append(seconds)
        if len(nights) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("finetune.watch.time.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        Watch(repo, base=str(tmp_path / "none"), every_hours=2).run()
    assert nights == [7200, 7200]
    assert capsys.readouterr().out.count("no finished checkpoint") == 2


def test_an_interrupted_training_ends_the_watch(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from finetune.train import InterruptedTrainingError

    def interrupted(options: object) -> int:
        raise InterruptedTrainingError("Training was stopped.", "Go on later.")

    monkeypatch.setattr("finetune.cli.tune", interrupted)
    with pytest.raises(InterruptedTrainingError):
        Watch(repo).run()


def test_what_was_too_little_to_judge_by_counts_again(
    repo: Path, tmp_path: Path, inkling_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The canary asks about all that came since the installed model, not since the last try."""
    repo = shutil.copytree(repo, tmp_path / repo.name)
    path = remember(inkling_home, revision(repo, "HEAD~3"))
    monkeypatch.setattr("finetune.cli.tune", lambda options: 1)
    assert Watch(repo, once=True).run() == 0
    state = {"tuned": revision(repo, "HEAD"), "installed": revision(repo, "HEAD~3")}
    assert json.loads(path.read_bytes()) == state
    (repo / "new.py").write_text("x = 1\n")
    commit(repo, "2024-12-01T12:00:00Z")
    monkeypatch.setattr("finetune.cli.tune", lambda options: 0)
    assert Watch(repo, once=True).run() == 0
    head = revision(repo, "HEAD")
    assert json.loads(path.read_bytes()) == {"tuned": head, "installed": head}


def test_a_history_written_anew_is_no_measure(
    library: Path, worn: Path, tmp_path: Path, inkling_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its commits hold what the model has learned, under other names."""
    repo = shutil.copytree(library, tmp_path / "arboretum")
    path = remember(inkling_home, revision(repo, f"HEAD~{len(MODULES) - 1}"))
    install(STARTER_PATH, NAME)
    install(worn, NAME)
    git = ["git", "-C", str(repo)]
    subprocess.run([*git, "checkout", "-q", "--orphan", "anew"], check=True)
    for number in range(3):
        (repo / f"more_{number}.py").write_text(inspect.getsource(queue))
        commit(repo, f"2024-12-{number + 1:02}T12:00:00Z")
    monkeypatch.setattr("finetune.cli.tune", lambda options: 1)
    assert Watch(repo, once=True).run() == 0
    assert in_use() == (worn / MODEL_NAME).read_bytes()
    head = revision(repo, "HEAD")
    assert json.loads(path.read_bytes()) == {"tuned": head, "installed": head}


def test_a_time_of_day_is_waited_for() -> None:
    now = datetime(2024, 5, 1, 22, 30)
    assert until("03:00", now) == 4.5 * 3600
    assert until("22:31", now) == 60
    assert until("22:30", now) == 24 * 3600
    with pytest.raises(InklingError, match="--at is 25:00"):
        until("25:00", now)


def hook_command(hook: Path) -> list[str]:
    assert os.access(hook, os.X_OK)
    return shlex.split(hook.read_text().splitlines()[1].partition(" >")[0])


def test_one_look_waits_for_its_time_and_no_second_one_beside_it(
    repo: Path,
    inkling_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    remember(inkling_home, revision(repo, "HEAD"))
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        assert Watch(repo, once=True, at="03:00").run() == 0  # of the next commit's hook

    monkeypatch.setattr("finetune.watch.time.sleep", sleep)
    assert Watch(repo, once=True, at="03:00").run() == 0
    assert len(waited) == 1
    said = capsys.readouterr().out
    assert "waits for the time to" in said
    assert "Nothing new" in said


def test_the_hook_looks_once_after_a_commit(repo: Path, tmp_path: Path) -> None:
    assert Watch(repo, hook=True, minutes=2, base="hf://ada/coder", name="mine").run() == 0
    command = hook_command(repo / ".git" / "hooks" / "post-commit")
    assert command[:5] == [sys.executable, "-P", "-m", "finetune", "watch"]
    assert command[5:10] == ["--once", "--at", "03:00", "--minutes", "2"]
    assert command[10:14] == ["--base", "hf://ada/coder", "--name", "mine"]
    assert command[14:] == [str(repo.resolve())]
    with pytest.raises(InklingError, match="post-commit hook already"):
        Watch(repo, hook=True).run()


def test_the_hook_of_a_linked_work_tree(repo: Path, tmp_path: Path) -> None:
    main, linked = tmp_path / "main", tmp_path / "linked"
    for command in (["clone", "-q", repo, main], ["-C", main, "worktree", "add", "-q", linked]):
        subprocess.run(["git", *map(str, command)], check=True, capture_output=True)
    assert Watch(linked, hook=True).run() == 0
    assert hook_command(main / ".git" / "hooks" / "post-commit")[-1] == str(linked.resolve())
