"""The attribution page in a real Chromium: paste code, see its source, ask for removal.

`INKLING_SCREENSHOTS` may name a folder for pictures of what a person would see.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.attribution_service import serving

if TYPE_CHECKING:
    from collections.abc import Callable

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
EVIL_REPO = "<img src=x onerror=alert(1)>"
EVIL_PATH = "../../etc/<b>passwd</b>.py"


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("INKLING_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_the_page_shows_sources_as_text_and_asks_nobody_else(
    index_of: Callable[..., Path], tmp_path: Path
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from curation.corpus import TRAIN
    from tests.attribution.samples import CANARY, OWN_CODE, licensed, renamed
    from tests.evaluation.corpus_fixture import document

    copied = CANARY.replace("no pebble", "<script>alert(2)</script>")
    index = index_of([
        licensed(document(copied, EVIL_REPO, EVIL_PATH, TRAIN), "GPL-3.0-only"),
        document("x = 1\n" + copied, "second/holder", "copy.py", TRAIN),
    ])  # fmt: skip
    opt_out = tmp_path / "opt-out.txt"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with serving(index, opt_out) as address, playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        asked: list[str] = []
        dialogs: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        page.fill("#text", f"{OWN_CODE}\n{copied}\n{renamed(copied)}")
        page.click("#check button")
        page.wait_for_selector("mark.strong")
        picture(page, "found")
        marked = page.locator("mark.strong")
        assert marked.first.inner_text().strip().startswith("def quicksand")
        marked.first.click()
        page.wait_for_selector("#detail article")
        detail = page.locator("#detail").inner_text()
        for shown in (EVIL_REPO, EVIL_PATH, "GPL-3.0-only", "MIT", "second/holder", "<script>"):
            assert shown in detail
        picture(page, "detail")
        assert page.locator("img, #detail b, #detail script").count() == 0

        page.fill("#text", OWN_CODE)
        page.click("#check button")
        page.wait_for_selector("#summary:has-text('Nothing found. Not checked: The language')")
        page.fill("#language", "python")
        page.click("#check button")
        page.wait_for_selector("#summary:text-is('Clean.')")
        page.fill("#language", "")
        page.fill("#text", "")
        page.click("#check button")
        page.wait_for_selector("mark", state="detached")

        page.fill("#name", "SECOND")
        page.click("#who button")
        page.wait_for_selector("#found li:has-text('second/holder: 1 document,')")
        page.fill("#rule", "second/holder")
        page.click("#remove button")
        page.wait_for_selector("#removed:has-text('Requested: repo second/holder')")
        picture(page, "removal")
        page.fill("#rule", "<b>not a repository</b>\nowner x")
        page.click("#remove button")
        browser.close()
    assert dialogs == []
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {address.split("/")[2]}
    assert "repo second/holder" in opt_out.read_text()


def test_all_holders_of_a_text_can_be_seen(index_of: Callable[..., Path], tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from curation.corpus import TRAIN
    from tests.attribution.samples import CANARY
    from tests.evaluation.corpus_fixture import document

    holders = [document(f"# {n}\n{CANARY}", f"owner/r{n}", "a.py", TRAIN) for n in range(120)]
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        serving(index_of(holders), tmp_path / "opt-out.txt") as address,
        playwright.sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.goto(address)
        page.fill("#text", CANARY)
        page.click("#check button")
        page.click("mark.strong")
        assert page.locator("#detail li").count() == 100
        page.click("#detail button:has-text('and 20 more')")
        page.wait_for_selector("#detail li:nth-child(120)")
        assert page.locator("#detail button").count() == 0
        picture(page, "holders")
        browser.close()


def test_the_page_reads_files_by_their_mark_and_says_what_it_cannot_read(
    index_of: Callable[..., Path], tmp_path: Path
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from tests.attribution.samples import CANARY

    wide, latin = tmp_path / "wide.py", tmp_path / "latin.py"
    wide.write_text(CANARY, encoding="utf-16")
    latin.write_text("name = 'café'\n", encoding="latin-1")
    index = index_of({"a.py": CANARY})
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with (
        serving(index, tmp_path / "opt-out.txt") as address,
        playwright.sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.goto(address)
        page.set_input_files("#file", wide)
        playwright.expect(page.locator("#text")).to_have_value(CANARY)
        page.click("#check button")
        page.wait_for_selector("mark.strong")
        page.set_input_files("#file", latin)
        page.wait_for_selector("#summary:has-text('Not checked: latin.py')")
        assert page.input_value("#text") == CANARY  # what stood there stays
        browser.close()
