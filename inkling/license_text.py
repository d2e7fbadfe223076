"""Which licences a text holds: whole licence files and notices, recognised by their own sentences.

Every licence that occurs is named, so a file that bundles several yields several. What takes rights
away again (the Commons Clause, "non-commercial" …) is named as well, and a text that talks of a
licence but matches none is `UNRECOGNIZED`: neither is ever classed as permissive. This compares
sentences, not whole texts. A licence file that would be permissive is searched for a rider as well:
for anything that no known text holds and that isn't known to be harmless.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inkling.license_remainder import unknown_words
from inkling.licenses import LicenseClass, classify, from_description

UNRECOGNIZED = "LicenseRef-Unrecognized"
RESTRICTED = "LicenseRef-Restricted"
_SHORT = 600
"""A text of so few characters may be a licence's title alone."""


@dataclass(frozen=True)
class TextRule:
    """A licence is in a text if all of `has` occur in it and none of `lacks`."""

    identifier: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()


_BSD = "redistribution and use in source and binary forms, with or without modification, are permit"
_MIT = "permission is hereby granted, free of charge, to any person obtaining a copy of this soft"
_MIT_NOTICE = "the above copyright notice and this permission notice"
_NAME_UNUSED = "except as contained in this notice, the name"
_ISC = "permission to use, copy, modify, and/or distribute this software for any purpose with or w"
_ISC_NOTICE = "provided that the above copyright notice"
_GPL_NOTICE = "under the terms of the gnu {}general public license as published by"
_LATER = "or (at your option) any later version"


def _gnu(identifier: str, name: str, version: str, dated: str) -> tuple[TextRule, ...]:
    title = f"gnu {name}general public license version {dated}"
    notice = _GPL_NOTICE.format(name)
    numbered = f"version {version} of the license"
    return (
        TextRule(f"{identifier}-only", (title,)),
        # The licence's own text ends with this notice as an example, hence without the title.
        TextRule(f"{identifier}-or-later", (notice, numbered, _LATER), (title,)),
        TextRule(f"{identifier}-only", (notice, numbered), (title, _LATER)),
    )


RULES: tuple[TextRule, ...] = (
    TextRule("MIT", (_MIT, _MIT_NOTICE), (_NAME_UNUSED,)),
    TextRule("X11", (_MIT, _MIT_NOTICE, _NAME_UNUSED)),
    TextRule("MIT-0", (_MIT,), (_MIT_NOTICE,)),
    TextRule("Apache-2.0", ("apache license version 2.0, january 2004",)),
    TextRule("Apache-2.0", ("version 2.0, january 2004 http://www.apache.org/licenses terms and",)),
    TextRule("Apache-2.0", ("licensed under the apache license, version 2.0",)),
    TextRule("Apache-2.0 OR LicenseRef-BSD",
             ("terms of either of the licenses found in license.apache or license.bsd",)),
    TextRule("BSD-4-Clause", (_BSD, "all advertising materials mentioning")),
    TextRule("BSD-3-Clause", (_BSD, "endorse or promote products"), ("all advertising materials",)),
    TextRule("BSD-2-Clause", (_BSD,), ("endorse or promote products", "all advertising material")),
    TextRule("ISC", (_ISC, _ISC_NOTICE)),
    TextRule("ISC", (_ISC.replace("and/or", "and"), _ISC_NOTICE), (_NAME_UNUSED,)),
    TextRule("curl", (_ISC.replace("and/or", "and"), _ISC_NOTICE, _NAME_UNUSED)),
    TextRule("PostgreSQL", ("this paragraph and the following two paragraphs appear in",)),
    TextRule("BlueOak-1.0.0", ("each contributor licenses you to do everything with this",)),
    TextRule("Artistic-2.0", ("the artistic license 2.0", "preamble")),
    TextRule("CNRI-Python", ("corporation for national research initiatives", "python 1.6")),
    TextRule("0BSD", (_ISC,), (_ISC_NOTICE,)),
    TextRule("HPND", ("permission to use, copy, modify, and distribute this software and its",
                      "without fee", "supporting documentation")),
    TextRule("MIT-CMU", ("in supporting documentation", "publicity pertaining to distribution",
                         "specific, written prior permission")),
    TextRule("NCSA", ("to deal with the software without restriction",)),
    TextRule("Zlib", ("without any express or implied warranty",
                      "altered source versions must be plainly marked")),
    TextRule("Unlicense", ("this is free and unencumbered software released into the public",)),
    TextRule("BSL-1.0", ("boost software license - version 1.0",)),
    TextRule("CC0-1.0", ("cc0 1.0 universal",)),
    TextRule("WTFPL", ("do what the fuck you want to public license",)),
    TextRule("OFL-1.1", ("sil open font license version 1.1",)),
    TextRule("PSF-2.0", ("python software foundation license version 2",)),
    TextRule("MPL-2.0", ("mozilla public license version 2.0",)),
    TextRule("MPL-2.0", ("mozilla public license, v. 2.0",)),
    TextRule("EPL-2.0", ("eclipse public license - v 2.0",)),
    *_gnu("GPL-2.0", "", "2", "2, june 1991"),
    *_gnu("GPL-3.0", "", "3", "3, 29 june 2007"),
    *_gnu("LGPL-2.1", "lesser ", "2.1", "2.1, february 1999"),
    *_gnu("LGPL-3.0", "lesser ", "3", "3, 29 june 2007"),
    *_gnu("AGPL-3.0", "affero ", "3", "3, 19 november 2007"),
    TextRule("BUSL-1.1", ("business source license 1.1",)),
)  # fmt: skip

_RESTRICTIONS = re.compile(
    r"commons clause|shall be used for good, not evil|research purposes only"
    r"|evaluation purposes only|(?<!\bor )(?<!\band )\bnon-?commercial\b"
)
# Python's licence tells of a part that once was under the GPL.
_GNU_NAME = re.compile(
    r"(?<!previously distributed under the )gnu (?:affero |lesser |library )?general public license"
)
_TITLES = (
    ("apache license", "Apache-2.0"),
    ("mit license", "MIT"),
    ("the mit license", "MIT"),
    ("bsd 3-clause license", "BSD-3-Clause"),
    ("bsd 2-clause license", "BSD-2-Clause"),
    ("isc license", "ISC"),
)
_DECORATION = re.compile(r"^[\s#*/;%=!\-|>]+|[\s*/#|]+$", re.MULTILINE)
_NOTICE_WORDS = re.compile(
    r"licen[cs]|permission is|all rights reserved|distribut|gpl|gnu|cc[ -]by|creative commons"
    r"|unauthori[sz]ed|proprietary|confidential|commercial|use only|purposes only"
)
_FAMILY = (
    r"(?P<family>[al]?gpl|mpl|epl|eupl|cddl|sspl|osl|cecill)"
    r"(?:[ ,-]*(?:version |v\.? ?)?(?P<number>\d(?:\.\d)?)(?:\.0)*)?"
    r"(?P<later>\+|[- ]or[- ](?:any )?later)?"
    r"(?![\w/]|[ -](?:compatible|free)\b)"
)
# "License: GPL", "redistribute it under the GPL v3", "a GPL-3.0 licence"; not "talks to GPL tools".
_NAMED = (
    re.compile(rf"\b(?:licen[cs]\w*|under|terms|distribut\w*)\W+(?:[\w.-]+\W+){{0,5}}?{_FAMILY}"),
    re.compile(rf"(?<![\w-]){_FAMILY}\W+(?:\w+\W+){{0,2}}?licen[cs]ed?\b"),
)
_SHARE_ALIKE = re.compile(
    r"\b(?:cc|creative commons)[ -](?P<short>by(?:-nc)?(?:-sa|-nd)?)(?:[ -](?P<version>\d\.\d))?\b"
)
_SHARE_ALIKE_WORDS = re.compile(
    r"creative commons attribution[ -](?:non-?commercial|share-?alike|no)"
)
_WITHHELD = re.compile(
    r"proprietary (?:and|&) confidential|confidential (?:and|&) proprietary|proprietary licen[cs]e"
    r"|\blicen[cs]e ?[:=] ?(?:proprietary|commercial|confidential|closed|all rights reserved)"
    r"|(?:this|the) (?:file|software|code|program|document) is (?:proprietary|confidential)"
    r"|unauthori[sz]ed (?:copying|reproduction|duplication)"
    r"|unauthori[sz]ed .{0,120}?(?:prohibited|forbidden|not permitted)"
    r"|\b(?:not|never) for commercial|\bno commercial use"
    r"|\bcommercial (?:use|purposes)\b.{0,40}?"
    r"(?:prohibited|forbidden|not (?:allowed|permitted)|requires)"
    r"|\b(?:academic|evaluation|personal|research|non-?commercial)"
    r"(?: and \w+| or \w+)? (?:use|purposes) only\b"
    r"|licen[cs]ed for (?:academic|evaluation|internal|personal|research)\b[^.]{0,40}\bonly\b"
    r"|(?<!\w )do not (?:copy or |re)?distribute\b|\bnot for (?:re)?distribution\b"
    r"|(?:this|the) file is not covered by the licen[cs]e"
)
"""What a notice of one's own words says; whole licences are known by their sentences."""
_QUOTES = str.maketrans("", "", "\"'`“”‘’*_")


def licenses_in(text: str) -> tuple[str, ...]:
    """SPDX ids of the licences in a licence file, sorted; `UNRECOGNIZED` if none is recognised.

    An empty text holds none. What would be permissive but says more than known licences do is
    `UNRECOGNIZED` besides.
    """
    if not text.strip():
        return ()
    found = _sentences(_plain(text))
    if not found:
        found = {_title(text) or UNRECOGNIZED}
    free = classify(" AND ".join(f"({one})" for one in found)) is LicenseClass.PERMISSIVE
    if free and unknown_words(text):
        found.add(UNRECOGNIZED)
    return tuple(sorted(found))


def licenses_in_notice(head: str) -> tuple[str, ...]:
    """The licences that the comment at the head of a source file grants or withholds, sorted.

    Unlike in a licence file, a text without a known sentence says nothing, but a copyleft licence
    that is only named counts, and so do words that withhold all rights.
    """
    if _NOTICE_WORDS.search(head.lower()) is None:
        return ()
    plain = _plain(head)
    found = _sentences(plain)
    if not any(map(_is_copyleft, found)):
        found |= _named(plain)
        if any(map(_is_copyleft, found)):
            found.discard(UNRECOGNIZED)
    if _WITHHELD.search(plain):
        found.add(RESTRICTED)
    return tuple(sorted(found))


def _named(plain: str) -> set[str]:
    """Copyleft licences that a notice names without their sentences."""
    found = set()
    for match in (match for pattern in _NAMED for match in pattern.finditer(plain)):
        family, number = match["family"], match["number"]
        if number is None:
            # Without a version the shorter names are other things too: plotting, data formats.
            found |= {from_description(family) or UNRECOGNIZED} if "gpl" in family else set()
            continue
        name = f"{family.upper()}-{number if '.' in number else number + '.0'}"
        gnu = "-or-later" if match["later"] else "-only"
        found.add(name + gnu if family.endswith("gpl") else name)
    for match in _SHARE_ALIKE.finditer(plain):
        if match["short"] != "by":
            found.add(f"CC-{match['short'].upper()}-{match['version'] or '4.0'}")
    if _SHARE_ALIKE_WORDS.search(plain):
        found.add(UNRECOGNIZED)
    return found


def _plain(text: str) -> str:
    return " ".join(_DECORATION.sub(" ", text).translate(_QUOTES).lower().split())


def _sentences(plain: str) -> set[str]:
    found = {
        rule.identifier
        for rule in RULES
        if all(phrase in plain for phrase in rule.has)
        and not any(phrase in plain for phrase in rule.lacks)
    }
    if _GNU_NAME.search(plain) and not any(map(_is_copyleft, found)):
        found.add(UNRECOGNIZED)
    if _RESTRICTIONS.search(plain):
        found.add(RESTRICTED)
    return found


def _is_copyleft(identifier: str) -> bool:
    return classify(identifier) is LicenseClass.COPYLEFT


def _title(text: str) -> str | None:
    """The licence that a short text names in its first line."""
    if len(text) > _SHORT:
        return None
    first = text.strip().splitlines()[0].strip()
    return dict(_TITLES).get(first.lower()) or from_description(first)
