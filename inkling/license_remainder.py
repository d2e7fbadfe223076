"""What a licence file says beside the words of well-known permissive licences.

A rider in an author's own words ("not for commercial use") turns a free licence into another one.
Instead of guessing at such words, all is taken for one that neither stands in a known text
(`license_texts/`) nor is known to be harmless: copyright lines, titles, headings, addresses, whom
the code comes from. Whether a text lacks something isn't looked at.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from inkling.license_names import BINDING, only_names

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN = 5
"""Words that must stand in a row in a known text for them to be known."""
_MAX_HEADING = 8

_DECORATION = re.compile(r"^[ \t#*/;%=!\-|>.~+]+|[ \t*/#|\\]+$")
_QUOTES = str.maketrans("", "", "\"'`“”‘’´*_")
_WORD = re.compile(r"[^\W_]{2,}")
_ADDRESS = re.compile(
    r"(?:\[[^\[\]\n]{1,200}\]: *)?<?(?:(?:https?|ftp|git)://|www\.)[^\s<>]+>?"
    r"|(?<![\w.+-])[\w.+-]{1,64}(?:@| at )[\w-]+\.[\w.-]+"
)
_TAG = re.compile(r"<(?!https?:)/?[a-z][^<>@]*>", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3}[.;])\s+")
_GOES_ON = re.compile(r"(?:and|or|of|et|\d{4})\b|[&(]", re.IGNORECASE)
_BREAK = re.compile(r"(?:(?<=[^\W_]{2}[.:;])|(?<=[\d)][.:;]))\s+|\n\s*\n")

_NAME = rf"(?:(?!(?:{BINDING}|licen[cs]\w*)\b)\w+ )"
_PLACES = tuple(
    (re.compile(rf"{before}(?:{_NAME}|\. (?=and |n?or )){{1,15}}?(?:\. )?(?={after})"), known)
    for before, known, after in (
        ("neither the names? (?:of )?", "neither the name of the university ", "nor (?:the|those)"),
        ("nor (?:the names|those) of (?:any )?", "nor the names of its contributors ",
         "may be used to"),
        ("software is provided by ", "software is provided by the regents and contributors ",
         "as is and any"),
        ("in no event shall ", "in no event shall the regents or contributors ",
         "be (?:held )?liable"),
        ("except as contained in this notice the names? of ",
         "except as contained in this notice the name of the consortium ", "shall not be used in"),
        ("prior written authori[sz]ation (?:of|from) ",
         "prior written authorization from the consortium ", r"\. "),
        ("expressed or implied of ", "expressed or implied of the university ", "$"),
    )
)  # fmt: skip
"""Where a known text has a name, up to what follows; and what the known text has there."""

_COPYRIGHT = re.compile(
    r"(?:(?:some |all )?(?:portions?|parts|modifications|modified work|changes|code|and|this \w+"
    r"|\w+ license)?"
    r"(?: is| are)?[:, &]*)?"
    r"(?:copyright(?!\s+(?:notice|holder|owner|licen|and\b|or\b|law|interest|statement|in\b))"
    r"|\(c\)|©|all rights reserved)",
    re.IGNORECASE,
)
_TITLE_WORD = (
    r"the|this|is|mit|licen[cs]es?|licensed|under|of|bsd|clause|two|three|3clause|2clause|apache"
    r"|version|v2|isc|new|simplified|modified|revised|expat|zlib|boost|software|zero|noattribution"
    r"|unlicense|wtfpl|cc0|universal|psf|python|foundation|hpnd|spdx|identifier|open|source"
    r"|university|illinois|ncsa|sil|font|free|notice|and|or|\d+"
)
_TITLE = re.compile(
    rf"used with permission "
    rf"|(?:(?:{_TITLE_WORD}|copyright|information|all|rights|reserved|end|january|february|june"
    r"|august|november|december) )*"
)
_KNOWN = rf"(?:(?:{_TITLE_WORD}|both|either|also|known|as|with|llvm|exceptions?) )"
_GRANT = re.compile(
    "everyone is permitted to copy and distribute verbatim copies of this license document "
    "but changing it is not allowed "
    rf"|{_NAME}{{0,6}}(?:(?:dual )?licensed|released|distributed|available|is)"
    rf"(?: (?:under|with) (?:the terms of )?{_KNOWN}+(?:reproduced |given )?(?:below |here )?"
    r"| as (?:follows )?)"
)
"""That something is under a known licence or what follows; or what licences say of their text."""
_ORIGIN = re.compile(
    r"(?:based on|(?:this )?\w* ?(?:was |is |are |code )?(?:derived|adapted|translated) from"
    r"|original (?:code|author)|typescript port|port(?:ed)? (?:of|to)|developed by|written by"
    r"|authored by|authors?|contributors|maintain\w+|all (?:other )?contributions(?: by| from)?"
    r"|this package contains code originally written|and many contributors"
    r"|for \w+ software$"
    r"|(?:the )?(?:complete |full )?list of contributors(?: can be found)?)\b",
    re.IGNORECASE,
)
_IN_HEADINGS = frozenset(_TITLE_WORD.split("|")) | frozenset(
    ["license", "licence", "licenses", "licences", "licensed", "as", "follows", "reproduced"]
)


def unknown_words(text: str) -> list[str]:
    """The runs of words of a licence file that aren't known, each as one string, in order."""
    words = _words(text)
    known = [False] * len(words)
    runs = _known_runs()
    for start in range(len(words) - _RUN + 1):
        if tuple(words[start : start + _RUN]) in runs:
            known[start : start + _RUN] = [True] * _RUN
    found: list[str] = []
    run: list[str] = []
    for word, is_known in zip([*words, ""], [*known, True], strict=True):
        if not is_known:
            run.append(word)
        else:
            if not all(map(str.isdigit, run)):  # years alone say nothing
                found.append(" ".join(run))
            run = []
    return found


@cache
def _known_runs() -> frozenset[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for file in files("inkling").joinpath("license_texts").iterdir():
        words = _words(file.read_text(encoding="utf-8"))
        runs.update(zip(*(words[skip:] for skip in range(_RUN)), strict=False))
    return frozenset(runs)


def _words(text: str) -> list[str]:
    """The words that count: of sentences that aren't harmless, in lower case, without marks."""
    body = "\n".join(_lines(text)).translate(_QUOTES).lower()
    body = body.replace("dont", "do not")
    sentences = ("".join(f"{w} " for w in _WORD.findall(one)) for one in _BREAK.split(body))
    joined = "".join(f"{one}. " for one in sentences if one and _GRANT.fullmatch(one) is None)
    for pattern, known in _PLACES:
        joined = pattern.sub(known, joined)
    return joined.replace(". ", "").split()


def _lines(text: str) -> Iterator[str]:
    """What of each line isn't harmless by itself, without addresses; empty if all of it is."""
    goes_on = False
    raw_lines = _TAG.sub(" ", text).splitlines()
    first = next((n for n, line in enumerate(raw_lines) if _WORD.search(line)), -1)
    for number, raw in enumerate(raw_lines):
        line = _ADDRESS.sub(" ", _DECORATION.sub("", raw))
        alone = number <= first or not _WORD.search(raw_lines[number - 1])
        heads = number == first or (alone and raw.lstrip().startswith("#"))
        if (heads or (alone and raw.rstrip().endswith(":"))) and _is_heading(line):
            goes_on = True
            yield ""
            continue
        kept = []
        goes_on = goes_on and _WORD.search(line) is not None
        for place, sentence in enumerate(_SENTENCE.split(line)):
            named = _names(sentence) or (
                goes_on
                and (place == 0 or _GOES_ON.match(sentence) is not None)
                and only_names(sentence)
            )
            if not named and not ((goes_on or sentence == line) and _is_title(sentence)):
                kept.append(sentence)
            goes_on = named
        yield " ".join(kept)


def _names(sentence: str) -> bool:
    """Whether a sentence says who holds the copyright, or whom code comes from, and no more."""
    if _COPYRIGHT.match(sentence):
        return only_names(_COPYRIGHT.sub("", sentence))
    origin = _ORIGIN.match(sentence)
    return origin is not None and only_names(sentence[origin.end() :])


def _is_title(sentence: str) -> bool:
    plain = sentence.translate(_QUOTES).lower().replace("no attribution", "noattribution")
    return _TITLE.fullmatch("".join(f"{word} " for word in _WORD.findall(plain))) is not None


def _is_heading(line: str) -> bool:
    """Whether a line that stands where a heading may is one: a few names and words of titles."""
    if len(_WORD.findall(line)) > _MAX_HEADING or _SENTENCE.search(line.rstrip()) is not None:
        return False
    return only_names(line, _IN_HEADINGS)
