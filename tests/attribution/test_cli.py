"""`python -m attribution`: exit statuses for CI, JSON and SARIF for machines."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from attribution.cli import main
from tests.attribution.samples import CANARY, OWN_CODE, renamed

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def index(index_of: Callable[..., Path]) -> Path:
    return index_of({"steps.py": "import os\n\n" + CANARY})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("mine = 1\n" + CANARY)
    return path


def test_a_copy_gives_status_1_and_its_source(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(file), "--index", str(index)]) == 1
    out = capsys.readouterr().out
    assert f"{file}:2-10: strong, exact" in out
    assert "sample 1.0, steps.py:3-11, MIT (found in the package's metadata)" in out


def test_json_holds_every_field_of_a_source(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(file), "--index", str(index), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["clean"] is False
    (found,) = report["findings"]
    assert (found["kind"], found["tier"], found["documents"]) == ("exact", "strong", 1)
    assert file.read_bytes()[found["start"] : found["end"]] == CANARY.encode()
    (source,) = found["sources"]
    expected = {"repo": "sample", "path": "steps.py", "revision": "1.0", "license": "MIT"}
    assert expected.items() <= source.items()
    assert (source["firstLine"], source["lastLine"], source["licenseSource"]) == (3, 11, "metadata")


def test_sarif_has_a_rule_a_level_and_a_region(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(renamed(CANARY))
    assert main(["check", str(file), "--index", str(index), "--format", "sarif"]) == 1
    log = json.loads(capsys.readouterr().out)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "renamed"
    assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert result["level"] == "warning"
    assert "steps.py:3-11" in result["message"]["text"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == file.as_uri()
    assert (place["region"]["startLine"], place["region"]["endLine"]) == (1, 9)


def test_sarif_names_a_file_below_the_current_folder_as_an_address(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sp ace ü.py").write_text(CANARY)
    command = ["check", "sp ace ü.py", "--index", str(index), "--format", "sarif"]
    assert main(command) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "sp%20ace%20%C3%BC.py"


@pytest.mark.parametrize("size", ["nan", "inf", "0", "-1", "1e9"])
def test_an_impossible_size_of_segments_is_refused(
    corpus_of: Callable[..., Path], tmp_path: Path, size: str
) -> None:
    corpus = str(corpus_of({"a.py": CANARY}))
    assert main(["build", corpus, "--out", str(tmp_path / "x"), "--segment-mb", size]) == 2


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's /proc")
def test_an_index_where_nothing_can_be_written_is_refused_in_words(
    corpus_of: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = str(corpus_of({"a.py": CANARY}))
    assert main(["build", corpus, "--out", "/proc/foo"]) == 2
    error = capsys.readouterr().err.lstrip()  # behind the progress bar
    assert error.startswith("error: ")
    assert "/proc/foo" in error


def test_standard_input_is_read_and_its_language_can_be_named(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, arguments, status, says in [
        (CANARY, [], 1, "-:1-9"),
        (CANARY, ["--language", "python"], 1, "-:1-9"),
        (OWN_CODE, ["--language", "python"], 0, "-: nothing found"),
        (OWN_CODE, [], 3, "language of the text isn't known"),
    ]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["check", "-", "--index", str(index), *arguments]) == status
        out = capsys.readouterr().out
        assert says in out
        assert ("not checked" in out) == (status == 3)


def test_own_code_gives_status_0(index: Path, file: Path) -> None:
    file.write_text(OWN_CODE)
    assert main(["check", str(file), "--index", str(index)]) == 0


class Screen(io.StringIO):
    """Standard error of somebody who sits before it, or of nobody."""

    def __init__(self, watched: bool) -> None:
        super().__init__()
        self._watched = watched

    def isatty(self) -> bool:
        return self._watched


@pytest.mark.parametrize(
    ("size", "watched", "says"),
    [(250_000, True, "checking 0.2 MB"), (250_000, False, ""), (1_000, True, "")],
)
def test_a_check_of_a_large_text_gives_a_sign_of_life_on_a_terminal_alone(
    index: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    size: int,
    watched: bool,
    says: str,
) -> None:
    file.write_text("own = 1\n" * (size // 8))
    screen = Screen(watched)
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["check", str(file), "--index", str(index)]) == 0
    assert capsys.readouterr().out == f"{file}: nothing found\n"
    assert (says in screen.getvalue()) if says else screen.getvalue() == ""


def test_what_could_not_be_checked_gives_status_3(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.rs"
    file.write_text("fn main() {}\n")
    assert main(["check", str(file), "--index", str(index)]) == 3
    assert "not checked: The index holds no rust code." in capsys.readouterr().out
    assert main(["check", str(file), "--index", str(index), "--format", "sarif"]) == 3
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert "rust" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_an_index_of_another_corpus_than_the_models_is_said(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from inkling.bundle import STARTER_PATH

    file.write_text(OWN_CODE)
    arguments = ["check", str(file), "--index", str(index), "--model", str(STARTER_PATH)]
    assert main(arguments) == 3
    assert "another corpus" in capsys.readouterr().out


def test_weak_findings_are_told_and_stop_nothing_unless_wanted(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = CANARY[CANARY.index("        drifted[turn]") : CANARY.index("    return")]
    file.write_text(part + "    own = [1]\n")
    for arguments, status in ([], 0), (["--fail-on", "weak"], 1):
        assert main(["check", str(file), "--index", str(index), *arguments]) == status
        assert "weak, exact" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["no file", "no index", "a folder", "language", "model"])
def test_a_check_that_cannot_be_made_gives_status_2(
    index: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    arguments = {
        "no file": [str(tmp_path / "none"), "--index", str(index)],
        "no index": [str(file), "--index", str(tmp_path / "none")],
        "a folder": [str(tmp_path), "--index", str(index)],
        "language": [str(file), "--index", str(index), "--language", "klingon"],
        "model": [str(file), "--index", str(index), "--model", str(tmp_path / "none")],
    }[what]
    assert main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error


def test_build_and_stats_agree(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "again"
    corpus = str(tmp_path / "corpus-0")
    assert main(["build", corpus, "--out", str(out), "--rank", "0", "--world-size", "2"]) == 0
    assert main(["build", corpus, "--out", str(out)]) == 0
    assert "Wrote 1 document (" in capsys.readouterr().out
    assert main(["build", corpus, "--out", str(out), "--rank", "2", "--world-size", "2"]) == 2
    capsys.readouterr()
    assert main(["stats", str(out)]) == 0
    again = capsys.readouterr().out
    assert main(["stats", str(index)]) == 0
    assert capsys.readouterr().out == again
    assert "documents   1\n" in again


def test_stats_notices_a_changed_byte(
    index_of: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = index_of({"steps.py": CANARY})
    (path,) = folder.rglob("text.bin")
    path.write_bytes(path.read_bytes().upper())
    assert main(["stats", str(folder)]) == 2
    assert "text.bin is missing or damaged" in capsys.readouterr().err


def test_changed_bytes_are_noticed_by_the_next_check(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["check", str(file), "--index", str(index)]
    assert main(command) == 1
    (text,) = (index / "segments").glob("*/text.bin")
    text.write_bytes(bytes(byte ^ 1 for byte in text.read_bytes()))
    capsys.readouterr()
    assert main(command) == 3
    assert "text.bin is missing or damaged" in capsys.readouterr().out
    assert main(["who", "sample", "--index", str(index)]) == 3


def test_an_index_that_cannot_remember_what_was_compared_is_read_all_the_same(
    index: Path, file: Path
) -> None:
    (index / "verified.json").mkdir()
    assert main(["check", str(file), "--index", str(index)]) == 1


def test_the_address_of_a_checkout_is_looked_through_too(
    index_of: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    part = replace(document(CANARY, "alpha", "a.py", TRAIN), origin="github.com/acme/alpha:sub")
    folder = str(index_of([part]))
    assert main(["who", "ACME", "--index", folder]) == 1
    assert "alpha (github.com/acme/alpha): 1 document," in capsys.readouterr().out
    assert main(["who", "emca", "--index", folder]) == 0


@pytest.mark.parametrize(
    ("sign", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202e", "\\u202e"),
        ("\nclean.py: nothing found", "\\nclean.py: nothing found"),
        ("é 石", "é 石"),
    ],
)
def test_a_terminal_obeys_no_name_of_an_index(
    index_of: Callable[..., Path],
    file: Path,
    capsys: pytest.CaptureFixture[str],
    sign: str,
    shown: str,
) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    part = document(CANARY, f"re{sign}po", f"pa{sign}th.py", TRAIN)
    named = replace(part, license=f"MI{sign}T", revision=f"1{sign}0")
    folder = str(index_of([replace(named, origin=f"host/ow{sign}ner/name")]))
    forget = ["forget", "sha256", part.text_sha256]
    for command in (["check", str(file)], ["who", "re"], ["who", f"no{sign}body"], forget):
        main([*command, "--index", folder])
        out = capsys.readouterr().out
        assert shown in out
        assert sign.isprintable() or sign not in out


def test_a_program_gets_names_as_they_are(
    index_of: Callable[..., Path], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    folder = str(index_of([document(CANARY, "repo", "pa\x1b[31mth.py", TRAIN)]))
    assert main(["check", str(file), "--index", folder, "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["sources"][0]["path"] == "pa\x1b[31mth.py"


def test_a_terminal_obeys_no_name_in_an_error(
    index: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.loads((index / "index.json").read_bytes())
    manifest["segments"][0]["name"] = "seg\x1b[31mment"
    (index / "index.json").write_text(json.dumps(manifest))
    assert main(["check", str(file), "--index", str(index)]) == 2
    assert "seg\\x1b[31mment" in capsys.readouterr().err


def test_requests_for_removal_reach_the_next_build_and_the_next_addition(
    index: Path,
    corpus_of: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from inkling.optout import add_entries, parse_entry

    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    add_entries([parse_entry("repo sample")])
    corpus = str(corpus_of({"other.py": OWN_CODE}))
    assert main(["add", corpus, "--index", str(index)]) == 0
    assert "Removed 1 document that were opted out meanwhile." in capsys.readouterr().out
    assert main(["who", "sample", "--index", str(index)]) == 0
    assert main(["build", corpus, "--out", str(index.with_name("new"))]) == 2  # nothing is left


def test_am_i_in_the_index(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["who", "SAMP", "--index", str(index)]) == 1
    assert capsys.readouterr().out.startswith("sample: 1 document, ")
    assert main(["who", "nobody", "--index", str(index)]) == 0
    assert "No repository with 'nobody'" in capsys.readouterr().out


def test_forget_and_compact(index: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "--index", str(index)]) == 2
    assert main(["forget", "repository", "x", "--index", str(index)]) == 2
    assert "no opt-out entry" in capsys.readouterr().err
    assert main(["forget", "path:nobody:x.py", "--index", str(index)]) == 0
    assert "No document in the index fits" in capsys.readouterr().out
    assert main(["forget", "repo", "sample", "--index", str(index)]) == 0
    assert "still on disk" in capsys.readouterr().out
    assert main(["who", "sample", "--index", str(index)]) == 0
    capsys.readouterr()
    assert main(["check", str(file), "--index", str(index)]) == 1
    out = capsys.readouterr().out
    assert "repeats removed code" in out
    assert "steps.py" not in out
    assert main(["compact", str(index)]) == 0
    assert main(["stats", str(index)]) == 0
    assert "1 rules" not in capsys.readouterr().out  # both rules are kept


def test_the_folder_is_under_inkling_home_unless_named(
    index: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_HOME", str(tmp_path / "home"))
    assert main(["check", str(file)]) == 2
    assert main(["build", str(tmp_path / "corpus-0")]) == 0
    assert main(["check", str(file)]) == 1
