"""Licence texts: known ones are named, bundles yield all, and nothing restricted is permissive."""

from __future__ import annotations

from importlib.resources import files

import pytest

from inkling.license_remainder import unknown_words
from inkling.license_text import RESTRICTED, UNRECOGNIZED, licenses_in, licenses_in_notice
from inkling.licenses import LicenseClass, classify

MIT_BODY = """Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction.

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.
"""
BSD_BODY = """Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
"""
NO_ENDORSEMENT = """Neither the name of the Example Company, Inc. nor the names of its contributors
may be used to endorse or promote products derived from this software without specific prior written
permission.
"""
GPL_TITLE = "GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007\n"
GPL_NOTICE = """You can redistribute it under the terms of the GNU General Public
License as published by the Free Software Foundation, either version 2 of the
License, or (at your option) any later version.
"""


def known_text(name: str) -> str:
    return files("inkling").joinpath(f"license_texts/{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(
    file.name.removesuffix(".txt") for file in files("inkling").joinpath("license_texts").iterdir()
))  # fmt: skip
def test_the_texts_that_are_known_hold_nothing_unknown(name: str) -> None:
    assert unknown_words(known_text(name)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MIT_BODY, ["MIT"]),
        (MIT_BODY.split("\n\n")[0], ["MIT-0"]),
        ("\n".join(f" * {line}" for line in MIT_BODY.splitlines()), ["MIT"]),
        (BSD_BODY, ["BSD-2-Clause"]),
        (f"{BSD_BODY}{NO_ENDORSEMENT}", ["BSD-3-Clause"]),
        ("Apache License\n      Version 2.0, January 2004\n", ["Apache-2.0"]),
        (GPL_TITLE, ["GPL-3.0-only"]),
        (f"{GPL_TITLE} … {GPL_NOTICE}", ["GPL-2.0-or-later", "GPL-3.0-only"]),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991\n", ["GPL-2.0-only"]),
        ("GNU LESSER GENERAL PUBLIC LICENSE\nVersion 2.1, February 1999", ["LGPL-2.1-only"]),
        (GPL_NOTICE, ["GPL-2.0-or-later"]),
        (f"{MIT_BODY}\n{BSD_BODY}", ["BSD-2-Clause", "MIT"]),
        ("MIT License\n\nCopyright (c) 2024 Nobody\n", ["MIT"]),
        ("BSD-3-Clause\n", ["BSD-3-Clause"]),
        ("All rights reserved.\n", [UNRECOGNIZED]),
        ("MIT License\n" + "All of it is ours. " * 50, [UNRECOGNIZED]),
        ("Some GNU Affero General Public License, no version", [UNRECOGNIZED]),
        (f"Commons Clause\n{MIT_BODY}", [RESTRICTED, "MIT"]),
        (f"{MIT_BODY}The Software shall be used for Good, not Evil.", [RESTRICTED, "MIT"]),
        ("", []),
        (" \n", []),
    ],
)
def test_a_licence_file_names_all_that_it_holds(text: str, expected: list[str]) -> None:
    assert sorted(licenses_in(text)) == sorted(expected)


@pytest.mark.parametrize(
    "rider", ["Commons Clause", "for non-commercial use", "GNU General Public"]
)
def test_a_rider_makes_a_permissive_text_no_longer_permissive(rider: str) -> None:
    assert classify(" AND ".join(licenses_in(MIT_BODY))) is LicenseClass.PERMISSIVE
    spoiled = licenses_in(f"{MIT_BODY}\n{rider} License applies.")
    assert classify(" AND ".join(spoiled)) is LicenseClass.NONE


def test_the_unlicense_speaks_of_non_commercial_use_and_stays_free() -> None:
    text = known_text("Unlicense")
    assert licenses_in(text) == ("Unlicense",)
    address = "For more information, please refer to <https://unlicense.org/>"
    assert licenses_in(f"{text}\n{address}\n") == ("Unlicense",)


@pytest.mark.parametrize("name", ["MIT", "BSD-3-Clause", "ISC", "Apache-2.0", "Zlib", "BSL-1.0"])
@pytest.mark.parametrize(
    "rider",
    [
        "The Software may not be used for the training of machine learning models.",
        "Additional terms: commercial use is prohibited without written consent of the author.",
        "You may not use this software if you are employed by a government.",
        "Not for commercial use.",
        "The licensee shall not use the Software for military purposes.",
        "Files in the folder data/ are licensed under CC BY-NC 4.0.",
        "Except for enterprise/, which is licensed under the Acme Enterprise License.",
        "Use in production requires a paid subscription.",
        "Copyright (c) 2024 Acme. Not for commercial use.",
        "Ask us first:\n  we like mail",
        "# Personal use",
        "No license.",
        "Copyright 2024 Acme. Distribution is illegal.",
    ],
)
def test_a_sentence_that_no_known_licence_has_is_never_permissive(name: str, rider: str) -> None:
    text = known_text(name)
    half = text.index("\n", len(text) // 2)
    for spoiled in (
        f"{text}\n{rider}\n",
        f"{rider}\n\n{text}",
        f"{text[:half]}\n{rider}{text[half:]}",
    ):
        assert classify(" AND ".join(licenses_in(spoiled))) is LicenseClass.NONE


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("without restriction, including", "for study, including"),
        ("is hereby granted", "is hereby not granted"),
        ("to any person obtaining", "to any student obtaining"),
        ("publish, distribute, sublicense", "publish, sublicense except for money"),
    ],
)
def test_a_sentence_of_a_licence_with_other_words_is_not_that_licence(
    was: str, becomes: str
) -> None:
    text = " ".join(known_text("MIT").split())
    assert was in text
    spoiled = licenses_in(text.replace(was, becomes))
    assert classify(" AND ".join(spoiled)) is LicenseClass.NONE


@pytest.mark.parametrize(
    "harmless",
    [
        "Copyright (c) 2017 - 2024, Jane Doe and the Example contributors. All rights reserved.",
        "Copyright 2020 Example Institute of\nTechnology, Zurich\nJohn Doe <john@example.org>",
        "The MIT License (MIT)\n=====================",
        "https://opensource.org/licenses/MIT",
        "Example is released under the MIT license.",
        "# License of Example",
        "Developed by: Jane Doe",
    ],
)
def test_names_titles_and_addresses_beside_a_licence_are_harmless(harmless: str) -> None:
    body = known_text("MIT")
    assert licenses_in(f"{harmless}\n\n{body}") == licenses_in(f"{body}\n{harmless}") == ("MIT",)


def test_an_appended_licence_that_is_recognised_itself_counts_beside_the_first() -> None:
    both = f"{known_text('MIT')}\nParts:\n\n{known_text('BSD-3-Clause')}"
    assert licenses_in(both) == ("BSD-3-Clause", "MIT")


@pytest.mark.parametrize("piece", ["a.", "[", "<a ", "copyright ", "software is provided by "])
def test_a_hostile_licence_file_takes_no_longer_than_its_length(piece: str) -> None:
    size = 400_000  # with the square of that no test would end
    assert unknown_words(piece * (size // len(piece))) is not None


@pytest.mark.parametrize("head", ["x = 1", "# the mit crew wrote this", "# License: see README"])
def test_a_head_without_a_notice_says_nothing(head: str) -> None:
    assert licenses_in_notice(head) == ()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("# redistribute it under the GPL v3", "GPL-3.0-only"),
        ("# License: AGPL-3.0", "AGPL-3.0-only"),
        ("# distributed under the GPLv2 license", "GPL-2.0-only"),
        ("# licensed under LGPL 2.1 or later", "LGPL-2.1-or-later"),
        ("# Licensed under the EUPL v1.2", "EUPL-1.2"),
        ("# This answer: CC BY-SA 4.0", "CC-BY-SA-4.0"),
        ("# Licensed under CC-BY-NC-SA 3.0", "CC-BY-NC-SA-3.0"),
        ("# All rights reserved. Proprietary and confidential", RESTRICTED),
        ("# Unauthorized copying of this file is prohibited", RESTRICTED),
        ("# License: Proprietary", RESTRICTED),
        ("# Copyright 2024 Example Inc. Do not distribute.", RESTRICTED),
        ("# This code is licensed for evaluation only", RESTRICTED),
        ("# Academic use only.", RESTRICTED),
        ("# Not for commercial use.", RESTRICTED),
        ("# Commercial use of this module requires a licence key.", RESTRICTED),
        ("# This file is not covered by the LICENSE in the root folder.", RESTRICTED),
    ],
)
def test_a_notice_in_ones_own_words_withholds_rights(head: str, expected: str) -> None:
    assert licenses_in_notice(head) == (expected,)


@pytest.mark.parametrize(
    "head",
    [
        "# Copyright the authors. All rights reserved.",
        "# License: BSD 3 clause",
        "# a GPL-compatible license",
        "# calls GPL tools",
        "# CC BY 4.0",
        "# These helpers are for internal use only.",
        "# This module is intended for educational purposes only.",
        "# May be used for commercial purposes.",
        "# Lexer for CDDL, the concise data definition language. License: BSD",
    ],
)
def test_words_that_withhold_nothing_say_nothing(head: str) -> None:
    assert licenses_in_notice(head) == ()
