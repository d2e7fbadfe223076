"""`inspect`: a page of kept and dropped samples."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from curation.cli import main
from curation.inspect_page import draw_samples
from curation.sources.folder import list_folder
from inkling.errors import EXIT_BAD_INPUT
from tests.curation.events import EVENTS
from tests.curation.sample_project import TREE
from tests.curation.trees import MIT_TEXT, git, git_checkout, module_text, write_tree

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("wide_terminal")


class Page(HTMLParser):
    """Collects the tags of a page and checks that they close."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href") or name.startswith("on") for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_inspect_writes_one_page_that_needs_nothing_else(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["inspect", str(project), "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert "script" not in page.tags
    assert page.tags.count("details") == len(TREE) - 1  # all but the licence have a language
    assert page.tags.count("h2") == 2
    assert "&lt;/pre&gt;&lt;script&gt;" in text
    assert "origin: auto_generated" in text
    assert "real-company" not in text  # what is redacted is not shown either


def test_samples_are_limited_by_language_and_the_same_again(project: Path) -> None:
    files = list(list_folder(project))
    drawn = draw_samples(files, (), 3)
    assert {language: len(listed) for language, listed in drawn.items()} == {
        "python": 3,
        "shell": 1,
    }
    assert draw_samples(list(reversed(files)), ("python",), 3) == {"python": drawn["python"]}


def test_inspect_shows_commits_and_discussions_too(tmp_path: Path) -> None:
    root = git_checkout(tmp_path / "root", {"LICENSE": MIT_TEXT, "a.py": module_text(1)})
    more = "".join(f"new_{n} = {n}\n" for n in range(9))
    (root / "a.py").write_text(more + (root / "a.py").read_text())
    git(root, "commit", "--quiet", "--all", "--message", "Add nine constants to the module")
    events = tmp_path / "events.json"
    events.write_text("\n".join(map(json.dumps, EVENTS)))
    out = tmp_path / "page.html"
    flags = ["--commits", str(root), "--discussions", str(events), "--out", str(out)]
    assert main(["inspect", *flags]) == 0
    page = out.read_text(encoding="utf-8")
    assert "<h2>commit</h2>" in page
    assert "<h2>discussion</h2>" in page
    assert "Add nine constants" in page
    assert "It fails when the path" in page


def test_inspect_of_nothing_is_bad_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    root = write_tree(tmp_path / "root", {"data.bin": "1"})
    assert main(["inspect", str(root)]) == EXIT_BAD_INPUT
    assert main(["inspect", str(root), "--samples", "0"]) == EXIT_BAD_INPUT
    assert "Traceback" not in capfd.readouterr().err
