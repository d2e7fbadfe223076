"""The spool: each content once, whole."""

from __future__ import annotations

from pathlib import Path

from curation.sources.spool import Spool


def test_a_content_is_written_once_and_mended_where_it_is_broken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    location = Path(spool.add("x = 1\n", "a/b", "x.py").location)
    written = location.stat().st_mtime_ns
    spool.add("x = 1\n", "c/d", "y.py")
    assert location.stat().st_mtime_ns == written
    for broken in (b"", b"\0" * 6, b"x = 1\n\n"):  # as a loss of power may leave it
        location.write_bytes(broken)
        spool.add("x = 1\n", "a/b", "x.py")
        assert location.read_bytes() == b"x = 1\n"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [location]
