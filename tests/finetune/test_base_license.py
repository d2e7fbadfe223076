"""The licence of a base: as its card names it, else by its licence file, never made up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from finetune.base_license import NOT_STATED, license_of
from inkling.bundle import STARTER_PATH

if TYPE_CHECKING:
    from pathlib import Path

MIT = """MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction.
"""


def test_nothing_is_made_up(tmp_path: Path) -> None:
    assert license_of(tmp_path) == NOT_STATED
    (tmp_path / "README.md").write_text("# A model\n\nlicense: of no front matter\n")
    assert license_of(tmp_path) == NOT_STATED


@pytest.mark.parametrize(
    ("card", "named"),
    [
        ("---\nlicense: apache-2.0\ntags: [code]\n---\n# A", "apache-2.0"),
        ("---\nlanguage: en\nlicense: 'bigcode-openrail-m'\n---\n", "bigcode-openrail-m"),
        ("---\nlicense:\n- mit\n---\n", NOT_STATED),
    ],
)
def test_the_front_matter_of_a_card_is_believed(tmp_path: Path, card: str, named: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert license_of(tmp_path) == named


def test_a_licence_file_tells_where_the_card_does_not(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A model\n")
    (tmp_path / "LICENSE.txt").write_text(MIT)
    assert license_of(tmp_path).startswith("MIT")


def test_the_starter_says_its_own() -> None:
    assert license_of(STARTER_PATH) == "apache-2.0"
