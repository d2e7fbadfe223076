"""Riders written where a name, a remark or a heading may stand: they are seen, and names aren't.

`license_riders.txt` holds conditions in words of one's own, one a line.
"""

from __future__ import annotations

from importlib.resources import files
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inkling.license_names import only_names
from inkling.license_remainder import unknown_words
from inkling.license_text import licenses_in
from inkling.licenses import LicenseClass, classify

if TYPE_CHECKING:
    from collections.abc import Iterator

RIDERS = Path(__file__).with_name("license_riders.txt").read_text(encoding="utf-8").splitlines()
SLOTS = (
    "Copyright 2020 Foo. {}",
    "Copyright (c) 2021 Foo, Inc. {}",
    "Copyright (c) 2021 Foo, {}",
    "Copyright 2020 Foo {}",
    "Copyright 2020 Foo\n{}",
    "(c) 2019 Jane Doe. All rights reserved. {}",
    "Based on {}",
    "Based on Foo by Jane Doe. {}",
    "Written by Jane Doe, {}",
    "Authors: Jane Doe. {}",
    "Authors: {}",
    "Developed by:\n{}",
    "This package contains code originally written by {}",
    "All contributions by Foo: {}",
    "Foo is released under the MIT license. {}",
    "MIT License, {}",
    "# {}",
    "{}:",
    "{}",
)
NAMES = ("MIT", "BSD-3-Clause", "ISC", "Zlib")


def known_text(name: str) -> str:
    return files("inkling").joinpath(f"license_texts/{name}.txt").read_text(encoding="utf-8")


def is_permissive(text: str) -> bool:
    return (
        classify(" AND ".join(f"({one})" for one in licenses_in(text))) is LicenseClass.PERMISSIVE
    )


def spoiled() -> Iterator[tuple[str, str]]:
    """(what is written there, the licence with it), each with another licence in turn."""
    licence = cycle(known_text(name) for name in NAMES)
    for rider in RIDERS:
        for slot in SLOTS:
            written = slot.format(rider.rstrip(".") if slot == "{}:" else rider)
            yield written, f"{written}\n\n{next(licence)}"


def test_riders_in_the_places_of_names_are_seen() -> None:
    texts = list(spoiled())
    missed = [written for written, text in texts if is_permissive(text)]
    assert len(texts) > 2000
    assert len(missed) <= 0.02 * len(texts), missed


@pytest.mark.parametrize(
    "harmless",
    [
        "Copyright (c) 2007 - 2024, Jane Doe, with many contributors, see the AUTHORS file.",
        "Copyright © 2026 to present Example Services Inc. and individual contributors.",
        "Copyright (c) Example Platforms, Inc. and affiliates. All rights reserved.",
        "Copyright (c) 2024-present Example Inc. & Contributors",
        "Copyright 2016-2021, Jane Doe and aio-libs team",
        "Copyright (c) 2015-2018, conda-forge",
        "Copyright 2021 The fast_float authors",
        "Copyright (c) 2017 Ludwig van Beethoven",
        "Copyright 2010 James Doe; Modified work Copyright 2014 Contributors",
        "COPYRIGHT 2020 EXAMPLE INSTITUTE. ALL RIGHTS RESERVED.",
        "This software is copyright (C) 1991-2020, Jane G. Doe, John Doe.",
        "Based on Underscore.js, copyright 2009-2016 Jane Doe,\nDocumentCloud and Reporters",
        "This package contains code originally written by Jane Doe.\nUsed with permission.",
        "Example is distributed with the 3-clause BSD license.",
        "## braces, fill-range, is-number",
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_names_in_the_same_places_take_nothing_away(name: str, harmless: str) -> None:
    assert is_permissive(f"{harmless}\n\n{known_text(name)}")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("", True),
        ("2019 Jane Doe and others", True),
        ("Doe, on request", False),
        ("Jane Doe expires soon", False),
        ("Jane Doe, for study", False),
        ("Jane Doe, No Resale", False),
    ],
)
def test_names_are_words_that_bind_nobody(words: str, named: bool) -> None:
    assert only_names(words) is named


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("PostgreSQL", "PostgreSQL"),
        ("curl", "curl"),
        ("X11", "X11"),
        ("BlueOak-1.0.0", "BlueOak-1.0.0"),
        ("Artistic-2.0", "Artistic-2.0"),
        ("MIT-CMU", "MIT-CMU"),
        ("NCSA", "NCSA"),
        ("Zlib", "Zlib"),
    ],
)
def test_a_well_known_licence_is_named_and_permissive(name: str, found: str) -> None:
    text = known_text(name)
    assert found in licenses_in(text)
    assert is_permissive(text)
    assert not is_permissive(f"{text}\nResale needs our consent.\n")


def test_pythons_own_licence_speaks_of_the_gpl_and_stays_free() -> None:
    text = known_text("PSF-2.0")
    assert "previously distributed under the GNU" in " ".join(text.split())
    assert {"CNRI-Python", "PSF-2.0"} <= set(licenses_in(text))
    assert is_permissive(text)
    assert not is_permissive(f"{text}\nParts: GNU General Public License\n")


@pytest.mark.parametrize(
    "text",
    [
        f"{known_text('Zlib')}\nJean-loup Gailly    Mark Adler\njloup@gzip.org madler@a.edu",
        "\n".join(f"> {line}" for line in known_text("MIT").splitlines()),
        known_text("X11").replace("X Consortium", "Example Group").partition("X Window")[0],
        known_text("Apache-2.0").lstrip().removeprefix("Apache License").lstrip(),
        "This software is made available under the terms of *either* of the licenses found in\n"
        "LICENSE.APACHE or LICENSE.BSD. Contributions to this software is made under the terms of\n"
        "*both* these licenses.",
    ],
)
def test_common_forms_of_permissive_files_are_free(text: str) -> None:
    assert is_permissive(text)


@pytest.mark.parametrize(
    "piece",
    ["Copyright 2020 Foo. ", "copyright a\n", "Based on a, ", "A - ", "by ", "Foo.\n\n", "# a:\n\n",
     "except as contained in this notice the name of ", "prior written authorization of ", "x is ",
     "\n \n", "(c) ", "everyone is permitted to copy and distribute verbatim "],
)  # fmt: skip
def test_200_kilobytes_of_hostile_lines_take_no_longer_than_their_length(piece: str) -> None:
    assert unknown_words(piece * (200_000 // len(piece))) is not None
