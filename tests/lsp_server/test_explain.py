"""`inkling explain FILE:LINE:COLUMN`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lsp_server.explain import main
from tests.lsp_server.answers import BEGUN, CURSOR, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

LINE = BEGUN[:CURSOR].count("\n") + 1


def test_it_says_what_was_asked_and_what_came(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    path = tmp_path / "account.py"
    path.write_text(BEGUN)
    flags = ["--model", str(tiny_bundle)]
    assert main([f"{path}:{LINE}:13", "--json", *flags]) == 0
    record = json.loads(capfd.readouterr().out)
    assert [part["name"] for part in record["prompt"]][-2:] == [
        "from the anchor to the cursor",
        "special tokens between them",
    ]
    assert sum(part["tokens"] for part in record["prompt"]) == record["first"]["promptTokens"]
    assert record["first"]["reusedTokens"] == 0
    assert record["again"]["reusedTokens"] > 0
    assert 0 < record["confidence"] <= 1
    assert main([f"{path}:{LINE}:13", "--prompt", *flags]) == 0
    shown = capfd.readouterr().out
    assert "in the cache" in shown
    typed = shown.partition("<fim_middle>")[2]
    assert typed.count("\n        retu\n") == 1


def test_it_says_why_nothing_is_asked(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "main.rs"
    path.write_text("fn main() {}\n")
    assert main([f"{path}:1:3"]) == 0
    assert "not trained on rust (language-unknown-to-model)" in capfd.readouterr().out


def test_it_names_the_other_files(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    path = tmp_path / "account.py"
    path.write_text("from ledger import open_ledger\n\nopen_ledger\n")
    (tmp_path / "ledger.py").write_text("def open_ledger(owner): ...\n")
    assert main([f"{path}:3:12", "--prompt", "--model", str(tiny_bundle)]) == 0
    shown = capfd.readouterr().out
    assert "from ledger.py" in shown
    assert "<file_sep>ledger.py\ndef open_ledger(owner):" in shown


def test_it_uses_the_memory_of_the_checkout(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, tiny_bundle: Path
) -> None:
    (tmp_path / ".git").mkdir()
    for number in range(60):
        (tmp_path / f"copy{number}.py").write_text(SOURCE)
    begun = SOURCE[: SOURCE.index("account = Acc") + len("account = Acc")]
    path = tmp_path / "account.py"
    path.write_text(begun)
    row, column = begun.count("\n") + 1, len(begun.rpartition("\n")[2]) + 1
    arguments = [f"{path}:{row}:{column}", "--json", "--model", str(tiny_bundle)]
    assert main(arguments) == 0
    record = json.loads(capfd.readouterr().out)
    assert record["memory"]["files"] == 61
    assert record["first"]["fromMemory"]
    assert record["text"].startswith('ount("Zoë")')
    assert main([*arguments, "--no-memory"]) == 0
    alone = json.loads(capfd.readouterr().out)
    assert alone["memory"] is None
    assert not alone["first"]["fromMemory"]
