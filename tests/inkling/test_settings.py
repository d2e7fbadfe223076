"""The configuration file: what it may say, and what it answers when it says something else."""

from pathlib import Path

import pytest

from inkling.errors import InklingError
from inkling.settings import Settings, home, load_settings, usable_cores


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INKLING_MODEL", raising=False)
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))


def configured(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold() -> None:
    assert load_settings() == Settings()


def test_the_file_lies_in_inkling_home(tmp_path: Path) -> None:
    configured(tmp_path, "threads = 3")
    assert home() == tmp_path
    assert load_settings().threads == 3


def test_every_key_can_be_set(tmp_path: Path) -> None:
    path = configured(
        tmp_path, 'model = "m.gguf"\nthreads = 2\ncontext_tokens = 512\nmax_new_tokens = 9\n'
    )
    assert load_settings(path) == Settings("m.gguf", 2, 512, 9)


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(tmp_path, 'model = "of-the-file.gguf"')
    monkeypatch.setenv("INKLING_MODEL", "of-the-environment.gguf")
    assert load_settings().model == "of-the-environment.gguf"


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert load_settings(configured(tmp_path, "\ufeffthreads = 2")).threads == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("thread = 2", "'thread'"),
        ("threads = 'two'", "'threads'"),
        ("threads = true", "'threads'"),
        ("threads = 1.5", "'threads'"),
        ("threads = -1", "'threads'"),
        ("threads = 513", "'threads'"),
        ("max_new_tokens = -64", "'max_new_tokens'"),
        ("max_new_tokens = 0", "'max_new_tokens'"),
        ("context_tokens = 10000000000000", "'context_tokens'"),
        ("model = 3", "'model'"),
        ("threads = ", "can't be read"),
        ("[engine]\nthreads = 2", "'engine'"),
    ],
)
def test_a_bad_file_names_itself_and_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = configured(tmp_path, text)
    with pytest.raises(InklingError) as caught:
        load_settings(path)
    assert str(path) in caught.value.cause
    assert complaint in caught.value.cause


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe\x00model")
    with pytest.raises(InklingError, match="can't be read"):
        load_settings(path)


def test_a_folder_in_the_files_place(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="can't be read"):
        load_settings(tmp_path)


def test_the_home_folder_may_be_named_from_the_users_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("INKLING_HOME", "~/ink")
    assert home() == Path.home() / "ink"


def test_without_a_name_the_home_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKLING_HOME")
    assert home().name == "inkling"
    assert home().is_absolute()


def test_there_is_a_core_to_run_on() -> None:
    assert usable_cores() >= 1
