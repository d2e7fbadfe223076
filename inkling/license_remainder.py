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

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN = 5
"""Words that must stand in a row in a known text for them to be known."""
_MAX_NAMES = 14
"""Words of a line that only names the holders of a copyright."""
_MAX_HEADING = 8

_DECORATION = re.compile(r"^[ \t#*/;%=!\-|>.~+]+|[ \t*/#|\\]+$")
_QUOTES = str.maketrans("", "", "\"'`“”‘’´*_")
_WORD = re.compile(r"[^\W_]{2,}")
_ADDRESS = re.compile(
    r"(?:\[[^\[\]\n]{1,200}\]: *)?<?(?:(?:https?|ftp|git)://|www\.)[^\s<>]+>?"
    r"|(?<![\w.+-])[\w.+-]{1,64}(?:@| at )[\w-]+\.[\w.-]+"
)
_TAG = re.compile(r"<(?!https?:)/?[a-z][^<>@]*>", re.IGNORECASE)
_BREAK = re.compile(r"(?<=[.:;])\s+|\n\s*\n")

# Words that no name and no remark on where code comes from holds: they could take a right away.
_BINDING = (
    r"not|no|non\w*|never|only|may|must|shall|cannot|except\w*|unless|without|prohibit\w*"
    r"|forbid\w*|restrict\w*|requir\w*|exclud\w*|commercial\w*|personal\w*|research purpose\w*"
    r"|academic\w*|education\w*|evaluat\w*|militar\w*|government\w*|training|subject|terms"
    r"|conditions?|agree\w*|eula|proprietary|confidential|enterprise|subscri\w*|pa(?:y|id)\w*|fees?"
    r"|use|used|using|permi\w*"
)
_NOT_NAMES = re.compile(
    rf"\b(?:{_BINDING}|licen[cs]\w*|is|are|be|been|distribut\w*|copying|reproduc\w*|illegal)\b",
    re.IGNORECASE,
)
_NOT_REMARK = re.compile(rf"\b(?:{_BINDING})\b", re.IGNORECASE)
_NAME = rf"(?:(?!(?:{_BINDING}|licen[cs]\w*)\b)\w+ )"
_PLACES = tuple(
    (re.compile(f"{before}{_NAME}{{1,14}}?(?={after})"), known)
    for before, known, after in (
        ("neither the names? (?:of )?", "neither the name of the university ", "nor (?:the|those)"),
        ("nor (?:the names|those) of ", "nor the names of its contributors ", "may be used to"),
        ("software is provided by ", "software is provided by the regents and contributors ",
         "as is and any"),
        ("in no event shall ", "in no event shall the regents or contributors ",
         "be (?:held )?liable"),
        ("expressed or implied of ", "expressed or implied of the university ", "$"),
    )
)  # fmt: skip
"""Where a known text has a name, up to what follows; and what the known text has there."""

_COPYRIGHT = re.compile(
    r"(?:(?:some |all )?(?:portions?|parts|modifications|changes|code|and|this \w+|\w+ license)?"
    r"(?: is| are)?[:, &]*)?"
    r"(?:copyright(?!\s+(?:notice|holder|owner|licen|and\b|or\b|law|interest|statement|in\b))"
    r"|\(c\)|©|all rights reserved)",
    re.IGNORECASE,
)
_JOINING = frozenset(
    ["and", "or", "of", "the", "by", "et", "al", "for", "to", "present", "its", "others"]
)
_TITLE_WORD = (
    r"the|this|is|mit|licen[cs]es?|licensed|under|of|bsd|clause|two|three|3clause|2clause|apache"
    r"|version|v2|isc|new|simplified|modified|revised|expat|zlib|boost|software|zero|noattribution"
    r"|unlicense|wtfpl|cc0|universal|psf|python|foundation|hpnd|spdx|identifier|open|source"
    r"|university|illinois|ncsa|sil|font|free|notice|and|or|\d+"
)
_TITLE = re.compile(
    rf"(?:(?:{_TITLE_WORD}|copyright|information|all|rights|reserved|end|january|february|june"
    r"|august|november|december) )*"
)
_KNOWN = rf"(?:(?:{_TITLE_WORD}|both|either|also|known|as|with|llvm|exceptions?) )"
_GRANT = re.compile(
    rf"{_NAME}{{0,14}}(?:(?:dual )?licensed|released|distributed|available|is)"
    rf"(?: under (?:the terms of )?{_KNOWN}+(?:reproduced |given )?(?:below |here )?"
    r"| as (?:follows )?)"
)
"""That something is under one of the known licences, or under what follows."""
_ORIGIN = re.compile(
    r"(?:based on|(?:this )?\w* ?(?:was |is |are |code )?(?:derived|adapted|translated) from"
    r"|original (?:code|author)|typescript port|port(?:ed)? (?:of|to)|developed by|written by"
    r"|authors?|contributors|maintain\w+|all contributions by|all other contributions"
    r"|this package contains code originally written|and many contributors"
    r"|used with permission$|for \w+ software$"
    r"|(?:the )?(?:complete |full )?list of contributors)\b",
    re.IGNORECASE,
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
        elif run:
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
    sentences = (" ".join(_WORD.findall(sentence)) + " " for sentence in _BREAK.split(body))
    joined = "".join(one for one in sentences if _GRANT.fullmatch(one) is None)
    for pattern, known in _PLACES:
        joined = pattern.sub(known, joined)
    return joined.split()


def _lines(text: str) -> Iterator[str]:
    """The lines that aren't harmless by themselves, without addresses; empty for one that is."""
    of_copyright = False
    raw_lines = _TAG.sub(" ", text).splitlines()
    first = next((n for n, line in enumerate(raw_lines) if _WORD.search(line)), -1)
    for number, raw in enumerate(raw_lines):
        line = _ADDRESS.sub(" ", _DECORATION.sub("", raw))
        plain = line.translate(_QUOTES).lower().replace("no attribution", "noattribution")
        words = _WORD.findall(plain)
        if _COPYRIGHT.match(line):
            of_copyright = _NOT_NAMES.search(_COPYRIGHT.sub("", line, count=1)) is None
            harmless = of_copyright
        else:
            of_copyright = of_copyright and bool(words) and _names_holders(line)
            alone = number <= first or not _WORD.search(raw_lines[number - 1])
            harmless = of_copyright or _TITLE.fullmatch("".join(f"{w} " for w in words)) is not None
            if not harmless and _is_remark(raw.strip(), words, number == first, alone):
                harmless = of_copyright = True  # it may name more on the next line
        yield "" if harmless else line


def _names_holders(line: str) -> bool:
    """Whether a line that follows a copyright line only goes on naming its holders."""
    words = _WORD.findall(line)
    return (
        _NOT_NAMES.search(line) is None
        and len(words) <= _MAX_NAMES
        and all(word[0].isupper() or word[0].isdigit() or word in _JOINING for word in words)
    )


def _is_remark(line: str, words: list[str], is_first: bool, alone: bool) -> bool:
    """Whether a line is a heading, or only says whom code comes from.

    Args:
        is_first: it is the first of the file.
        alone: what stands before it is no line of the same paragraph.
    """
    if _NOT_REMARK.search(line) is not None:
        return False
    heads = is_first or (alone and line.startswith("#")) or (alone and line.endswith(":"))
    return (heads and len(words) <= _MAX_HEADING) or _ORIGIN.match(line) is not None
