"""Licences: what is permissive, how expressions combine, and that unknown is never permissive."""

from importlib import metadata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.licenses import PERMISSIVE, LicenseClass, classify, from_description

FREE, COPYLEFT, NONE = LicenseClass.PERMISSIVE, LicenseClass.COPYLEFT, LicenseClass.NONE
OF_EACH_CLASS = {FREE: "MIT", COPYLEFT: "GPL-3.0-only", NONE: "LicenseRef-Proprietary"}
STRICTER = [FREE, COPYLEFT, NONE]
classes = st.sampled_from(STRICTER)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", FREE),
        ("mit", FREE),
        ("Apache-2.0", FREE),
        ("BSD-3-Clause", FREE),
        ("Apache-2.0+", FREE),
        ("PSF-2.0 AND 0BSD", FREE),
        ("MIT OR GPL-3.0-only", FREE),
        ("mit or gpl-3.0-only", FREE),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", FREE),
        ("Apache-2.0 WITH LLVM-exception", FREE),
        ("GPL-2.0-only WITH Classpath-exception-2.0", COPYLEFT),
        ("GPL-2.0-only WITH Linux-syscall-note", COPYLEFT),
        ("MIT AND GPL-2.0-or-later", COPYLEFT),
        ("LGPL-2.1-only", COPYLEFT),
        ("AGPL-3.0-or-later", COPYLEFT),
        ("MPL-2.0", COPYLEFT),
        ("CC-BY-NC-4.0", COPYLEFT),
        ("MIT AND (GPL-3.0-only OR Apache-2.0)", FREE),
        ("MIT OR Apache-2.0 AND GPL-3.0-only", FREE),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", COPYLEFT),
        ("Apache-2.0 WITH Commons-Clause", NONE),
        ("BUSL-1.1", NONE),
        ("LicenseRef-Proprietary", NONE),
        ("MIT AND LicenseRef-Proprietary", NONE),
        ("NOASSERTION", NONE),
        ("UNKNOWN", NONE),
        ("", NONE),
        (None, NONE),
    ],
)
def test_the_class_of_an_spdx_expression(expression: str | None, expected: LicenseClass) -> None:
    assert classify(expression) is expected


@pytest.mark.parametrize(
    "expression",
    [
        "MIT AND",
        "AND MIT",
        "MIT MIT",
        "(MIT",
        "MIT)",
        "()",
        "MIT WITH",
        "MIT WITH )",
        "MIT/Apache-2.0",
        "MIT, Apache-2.0",
        "MIT; see LICENSE",
        "Not MIT",
        "MITx",
        "(" * 100_000,
    ],
    ids=lambda expression: expression[:20],
)
def test_what_is_not_an_expression_has_no_class(expression: str) -> None:
    assert classify(expression) is NONE


@given(classes, classes)
def test_and_takes_the_stricter_side_or_the_freer(left: LicenseClass, right: LicenseClass) -> None:
    first, second = OF_EACH_CLASS[left], OF_EACH_CLASS[right]
    assert classify(f"{first} AND {second}") is max(left, right, key=STRICTER.index)
    assert classify(f"{first} OR {second}") is min(left, right, key=STRICTER.index)


expressions = st.recursive(
    classes.map(lambda kind: (OF_EACH_CLASS[kind], kind)),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda parts: (
            f"({parts[0][0]}) {parts[1]} ({parts[2][0]})",
            (max if parts[1] == "AND" else min)(parts[0][1], parts[2][1], key=STRICTER.index),
        )
    ),
    max_leaves=8,
)


@given(expressions)
def test_brackets_nest(expression: tuple[str, LicenseClass]) -> None:
    text, expected = expression
    assert classify(text) is expected


@given(st.text())
def test_any_text_has_a_class(text: str) -> None:
    assert classify(text) in LicenseClass


known = {identifier.lower() for identifier in PERMISSIVE}
words = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789.-", min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=4).map(" ".join))
def test_random_words_are_never_permissive(text: str) -> None:
    if not any(word.lower() in known for word in text.split()):
        assert classify(text) is not FREE


@given(st.sampled_from(sorted(PERMISSIVE)), words)
def test_a_permissive_id_with_something_behind_it_is_another_licence(
    identifier: str, more: str
) -> None:
    if (identifier + more).lower() not in known:
        assert classify(identifier + more) is not FREE


@pytest.mark.parametrize(
    ("description", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("License :: OSI Approved :: Apache Software License", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("apache-2.0", "Apache-2.0"),
        ("License :: OSI Approved :: BSD License", "LicenseRef-BSD"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("New BSD License", "BSD-3-Clause"),
        ("License :: OSI Approved :: Python Software Foundation License", "PSF-2.0"),
        ("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("GPL", "GPL-1.0-or-later"),
        ("GPLv3", "GPL-3.0-only"),
        (
            "License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)",
            "GPL-3.0-or-later",
        ),
        ("Apache-2.0 OR MIT", "Apache-2.0 OR MIT"),
        ("  ISC  ", "ISC"),
        ("License :: OSI Approved", None),
        ("License :: Other/Proprietary License", None),
        ("Proprietary", None),
        ("see LICENSE", None),
        ("MIT-like, ask first", None),
        ("", None),
        (" \n", None),
        (None, None),
    ],
)
def test_what_packages_say_of_their_licence(
    description: str | None, expression: str | None
) -> None:
    assert from_description(description) == expression


def test_a_whole_licence_text_is_not_read_as_a_name() -> None:
    assert from_description("MIT License\n\nCopyright (c) 2024 " + "and so on " * 50) is None


@given(st.text())
def test_a_recognised_description_has_a_class(text: str) -> None:
    expression = from_description(text)
    assert expression is None or classify(expression) is not NONE


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ("pytest", FREE),
        ("hypothesis", COPYLEFT),
        ("numpy", FREE),
        ("rich", FREE),
        ("pygls", FREE),
        ("platformdirs", FREE),
    ],
)
def test_packages_of_this_environment(package: str, expected: LicenseClass) -> None:
    about = metadata.metadata(package)
    declared = [
        *(about.get_all("License-Expression") or []),
        *(about.get_all("License") or []),
        *(text for text in about.get_all("Classifier") or [] if text.startswith("License ::")),
    ]
    found = [from_description(text) for text in declared]
    assert [classify(expression) for expression in found if expression][:1] == [expected]
