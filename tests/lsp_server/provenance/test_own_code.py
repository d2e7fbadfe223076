"""The workspace's own code is recognised whatever its layout, and only that."""

from __future__ import annotations

from lsp_server.provenance.own_code import OwnCode
from tests.attribution.samples import CANARY, OWN_CODE

OTHER = CANARY.replace("pebble", "boulder")


def test_a_text_of_one_file_is_own_in_any_layout() -> None:
    code = OwnCode()
    code.load([("a.py", CANARY), ("b.py", OWN_CODE)])
    assert code.files == 2
    for text in (CANARY, CANARY[40:200], CANARY.replace("    ", "\t").replace("\n", "\r\n")):
        assert code.holds(text)
    assert not code.holds(OTHER)
    assert not code.holds(CANARY + OWN_CODE)  # no file has both
    assert not code.holds("")


def test_a_changed_file_counts_as_it_is_now() -> None:
    code = OwnCode()
    code.load([("a.py", CANARY)])
    code.update("a.py", OWN_CODE)
    assert (code.holds(CANARY), code.holds(OWN_CODE)) == (False, True)
    code.update("a.py", None)
    assert not code.holds(OWN_CODE)
    assert code.files == 0


def test_many_changes_are_merged_and_none_is_lost() -> None:
    code = OwnCode()
    texts = {f"{n}.py": CANARY.replace("quicksand", f"sink_{n}_{n * 7919}") for n in range(250)}
    code.load([("0.py", "")])
    for path, text in texts.items():
        code.update(path, text)
    assert code.files == 250
    assert all(code.holds(text) for text in texts.values())
    assert not code.holds(OTHER)
