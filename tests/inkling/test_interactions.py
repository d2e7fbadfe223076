"""The interaction log: read back as written, without secrets, whatever stands between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inkling.interactions import Interaction, append, read

if TYPE_CHECKING:
    from pathlib import Path

ONE = Interaction(1.5, "python", "a/größe.py", "x = ", "\r\n", "1\n2", "石", accepted=False)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    log = tmp_path / "home" / "log.jsonl"
    append(ONE, log)
    append(replace(ONE, accepted=True), log)
    assert list(read(log)) == [ONE, replace(ONE, accepted=True)]


def test_secrets_are_hidden(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    secret = "ghp_" + "a1B2" * 9
    append(replace(ONE, prefix=f"t = '{secret}'\n", written=f"'{secret}'"), log)
    assert secret not in log.read_text()


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert list(read(log)) == []
    append(ONE, log)
    good = log.read_bytes()
    log.write_bytes(
        b'{"at": 1}\nnot json\n[]\n' + good + good.replace(b'"python"', b"7") + good[:20]
    )
    assert list(read(log)) == [ONE]
