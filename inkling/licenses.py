"""Licences: SPDX ids, their classes, and how loose descriptions map to ids.

A licence that is not recognised has the class `NONE`: unknown is never taken for permissive.
The permissive list follows the Blue Oak Council's and BigCode's, cut to what packages declare.
"""

from __future__ import annotations

import re
from enum import Enum


class LicenseClass(Enum):
    """How freely code under a licence may be reused. Ordered from free to unknown."""

    PERMISSIVE = "permissive"
    COPYLEFT = "copyleft"
    NONE = "none"


PERMISSIVE = frozenset(
    [
        "0BSD",
        "AFL-3.0",
        "Apache-1.1",
        "Apache-2.0",
        "Artistic-2.0",
        "BlueOak-1.0.0",
        "BSD-1-Clause",
        "BSD-2-Clause",
        "BSD-2-Clause-Patent",
        "BSD-3-Clause",
        "BSD-3-Clause-Clear",
        "BSD-4-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "bzip2-1.0.6",
        "CNRI-Python",
        "curl",
        "FTL",
        "HPND",
        "ICU",
        "IJG",
        "ISC",
        "Libpng",
        "libpng-2.0",
        "LicenseRef-BSD",
        "LicenseRef-Public-Domain",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MS-PL",
        "NCSA",
        "NTP",
        "OFL-1.1",
        "OpenSSL",
        "PHP-3.01",
        "PostgreSQL",
        "PSF-2.0",
        "Python-2.0",
        "Python-2.0.1",
        "TCL",
        "Unicode-3.0",
        "Unicode-DFS-2016",
        "Unlicense",
        "UPL-1.0",
        "W3C",
        "WTFPL",
        "X11",
        "Zlib",
        "ZPL-2.1",
    ]
)
_COPYLEFT_FAMILIES = re.compile(
    r"^(A?GPL|LGPL|MPL|EPL|CDDL|CPL|EUPL|OSL|CECILL|SSPL|CC-BY-SA|CC-BY-NC|MS-RL|QPL|Sleepycat)\b",
    re.IGNORECASE,
)
_BY_LOWER_ID = {identifier.lower(): identifier for identifier in PERMISSIVE}

# Whole descriptions, compared after lower-casing and dropping "the", "license", "version", commas
# and brackets. A description that names a family but no member (BSD) gets a LicenseRef of its own.
_DESCRIPTIONS = {
    "mit": "MIT",
    "mit mit": "MIT",
    "expat": "MIT",
    "mit-cmu": "MIT-CMU",
    "hpnd": "HPND",
    "historical permission notice and disclaimer hpnd": "HPND",
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache2": "Apache-2.0",
    "apache v2": "Apache-2.0",
    "apache software": "Apache-2.0",
    "apache software 2.0": "Apache-2.0",
    "bsd": "LicenseRef-BSD",
    "new bsd": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "bsd-3": "BSD-3-Clause",
    "simplified bsd": "BSD-2-Clause",
    "2-clause bsd": "BSD-2-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "isc": "ISC",
    "isc iscl": "ISC",
    "python software foundation": "PSF-2.0",
    "psf": "PSF-2.0",
    "psfl": "PSF-2.0",
    "zlib": "Zlib",
    "unlicense": "Unlicense",
    "unlicense unlicense": "Unlicense",
    "public domain": "LicenseRef-Public-Domain",
    "mozilla public 2.0 mpl 2.0": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "gpl": "GPL-1.0-or-later",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "lgpl": "LGPL-2.0-or-later",
    "gnu general public v2 gplv2": "GPL-2.0-only",
    "gnu general public v3 gplv3": "GPL-3.0-only",
    "gnu general public v3 or later gplv3+": "GPL-3.0-or-later",
    "gnu lesser general public v3 lgplv3": "LGPL-3.0-only",
}
_NOISE = re.compile(r"\b(?:the|licence|license|version)\b|[(),]", re.IGNORECASE)
_EXPRESSION_TOKEN = re.compile(r"\s*(\(|\)|[A-Za-z0-9.+-]+)")
_OPERATORS = frozenset({"AND", "OR", "WITH"})
_MAX_DESCRIPTION = 80


def classify(expression: str | None) -> LicenseClass:
    """The class of an SPDX expression: the strictest side of AND, the freest side of OR."""
    if not expression:
        return LicenseClass.NONE
    try:
        return _Expression(expression).parse()
    except (ValueError, RecursionError):  # the latter: brackets nested without end
        return LicenseClass.NONE


def from_description(text: str | None) -> str | None:
    """An SPDX expression for what a package says of its licence, or None if it isn't recognised.

    Accepts SPDX expressions, trove classifiers (`License :: OSI Approved :: MIT License`) and the
    usual short names. Longer texts, such as a whole licence pasted into a field, are not read.
    """
    if not text or not text.strip():
        return None
    name = text.split("::")[-1].strip()
    if len(name) <= _MAX_DESCRIPTION:
        key = " ".join(_NOISE.sub(" ", name).lower().split())
        if key in _DESCRIPTIONS:
            return _DESCRIPTIONS[key]
    if classify(name) is LicenseClass.NONE:
        return None
    return _BY_LOWER_ID.get(name.lower(), name)


def _class_of_id(identifier: str) -> LicenseClass:
    if identifier.lower().rstrip("+") in _BY_LOWER_ID:
        return LicenseClass.PERMISSIVE
    if _COPYLEFT_FAMILIES.match(identifier):
        return LicenseClass.COPYLEFT
    return LicenseClass.NONE


_STRICTNESS = list(LicenseClass)


class _Expression:
    """Recursive descent over `A AND (B OR C) WITH exception` (SPDX 2.3, annex D)."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _EXPRESSION_TOKEN.findall(text)
        if "".join(self._tokens) != "".join(text.split()):
            raise ValueError(text)

    def parse(self) -> LicenseClass:
        result = self._alternatives()
        if self._tokens:
            raise ValueError(self._tokens[0])
        return result

    def _next_is(self, token: str) -> bool:
        return bool(self._tokens) and self._tokens[0].upper() == token

    def _take(self) -> str:
        if not self._tokens:
            raise ValueError("the expression ends too early")
        return self._tokens.pop(0)

    def _alternatives(self) -> LicenseClass:
        result = self._conjunction()
        while self._next_is("OR"):
            self._take()
            result = min(result, self._conjunction(), key=_STRICTNESS.index)
        return result

    def _conjunction(self) -> LicenseClass:
        result = self._single()
        while self._next_is("AND"):
            self._take()
            result = max(result, self._single(), key=_STRICTNESS.index)
        return result

    def _single(self) -> LicenseClass:
        token = self._take()
        if token == "(":
            result = self._alternatives()
            if self._take() != ")":
                raise ValueError("a bracket is not closed")
            return result
        if token == ")" or token.upper() in _OPERATORS:
            raise ValueError(token)
        if self._next_is("WITH"):
            self._take()
            exception = self._take().lower()
            # An SPDX exception only ever adds permissions; other riders may take them away.
            if "exception" not in exception and exception != "linux-syscall-note":
                raise ValueError(exception)
        return _class_of_id(token)
