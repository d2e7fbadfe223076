"""What a terminal shows of long work."""

from __future__ import annotations

import io

from rich.console import Console

from curation.progress import counted


def test_what_is_counted_stays_as_it_is_and_a_terminal_sees_how_much_it_was() -> None:
    seen = io.StringIO()
    items = counted(Console(file=seen, force_terminal=True, width=80), "listing files", range(120))
    assert list(items) == list(range(120))
    assert "listing files: 100" in seen.getvalue()


def test_a_file_gets_no_signs_of_a_terminal() -> None:
    seen = io.StringIO()
    assert list(counted(Console(file=seen), "listing files", "abc")) == ["a", "b", "c"]
    assert "\x1b" not in seen.getvalue()
