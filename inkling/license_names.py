"""Whether words only name somebody or something: who holds a copyright, whom code comes from.

This says what may stand, not what may not: capitalised words, numbers, words that join names or
tell a role, and one name in small letters a part (`azu`, `conda-forge`). Words that could give or
take a right are never part of a name, however they are written. Which lines are looked at is left
to `license_remainder`.
"""

from __future__ import annotations

import re

BINDING = (
    r"not|no|non\w*|never|only|may|must|shall|cannot|except\w*|unless|without|prohibit\w*"
    r"|forbid\w*|restrict\w*|requir\w*|exclud\w*|commercial\w*|personal\w*|research purpose\w*"
    r"|academic\w*|education\w*|evaluat\w*|militar\w*|government\w*|training|subject|terms"
    r"|conditions?|agree\w*|eula|proprietary|confidential|enterprise|subscri\w*|pa(?:y|id)\w*|fees?"
    r"|use|users?|used|using|permi\w*|expir\w*|trial|students?|teach\w*|compet\w*|owe\w*|royalt\w*"
    r"|allow\w*|disallow\w*|den(?:y|ied|ies)|refus\w*|revo[kc]\w*|terminat\w*|withdraw\w*|withheld"
    r"|consent\w*|approv\w*|authori[sz]\w*|unauthori[sz]\w*|granted|(?-i:grants?)|cop(?:y|ies)"
    r"|redistribut\w*|resell\w*|resale|sells?|selling|sold|sales?|buy\w*|purchas\w*|charg\w*"
    r"|invoice\w*|ask|donat\w*|money|profit\w*|customers?|employees?|hobby\w*|internal\w*|private"
    r"|trade|warrant\w*|liab\w*|void|bann?(?:s|ed)|demo|deploy\w*|derivat\w*|patent\w*|train"
    r"|you\w*|we|(?-i:[Uu]s)|our|they|who|whoever|which|that|if|when\w*|after|before|until|while"
    r"|where\w*|because|but|however|has|have|had|(?-i:will)|would|could|should|do|does|did|was|were"
    r"|appl(?:y|ies|ied)|need\w*|want\w*|keep\w*|send\w*|notif(?:y|ies)|inform(?:s|ed)?|obtain\w*"
    r"|remov\w*|(?-i:anyone|nobody|everyone|everybody)|alone|barred|veto|pending|counsel|sublicen[cs]\w*"
    r"|seats?|beyond|outside|within|days|months?"
    r"|years?|free of|valid\w*|negotiat\w*|acquir\w*|contracts?|owned|belong\w*"
)
"""A pattern of words that no name holds: they could take a right away."""
_BINDS = re.compile(rf"\b(?:{BINDING})\b", re.IGNORECASE)
_SPEAKS = re.compile(
    r"\b(?:licen[cs]\w*|is|are|be|been|distribut\w*|copying|reproduc\w*|illegal)\b", re.IGNORECASE
)
_MAX_PARTICLE = 3
_WORD = re.compile(r"[^\W_]+(?:[-_./'’+@][^\W_]+)*")
_PART = re.compile(r"[,;:()\[\]{}|&]| -+ | and | or ")
_JOINING_WORDS = (
    "and or and/or of the by et al for to from at in on with a an its their present others"
    " de la le da di del der den du van von zu y e c"
)
_JOINING = frozenset(_JOINING_WORDS.split())
_PURPOSE = frozenset(["for", "from", "to", "at", "in", "on", "with"])
"""After these a word in small letters is no name ("for study"), and no name begins with them."""
_BEFORE_NAMES = _PURPOSE | {"by"}
_AFTER_PURPOSE = frozenset(["", "many", "various", "other", "others", "present", "more"])
_TITLED = frozenset(["For", "To", "At", "In", "On"])
"""Names write these in small letters; sentences in capitals don't."""
_ROLES_WORDS = (
    "contributors contributions authors author developers maintainers maintained maintainer team"
    " project projects company affiliates affiliated subsidiary subsidiaries ies individual"
    " respective various many other owners owner holders holder copyright source consisting"
    " modified work works these people original originally version later see listed file files"
    " as shown more details community organization code module library package implementation"
    " written developed derived adapted based port ported parts portions date yyyy name js lt gt"
    " members repository"
)
_ROLES = frozenset(_ROLES_WORDS.split())


def only_names(sentence: str, besides: frozenset[str] = frozenset()) -> bool:
    """Whether a sentence holds names, roles and numbers alone; so does an empty one.

    Args:
        besides: further words, in lower case, that may stand.
    """
    if _BINDS.search(sentence) is not None:
        return False
    if not besides and _SPEAKS.search(sentence) is not None:
        return False
    return all(_is_name(_WORD.findall(part), besides) for part in _PART.split(sentence))


def _is_name(words: list[str], besides: frozenset[str]) -> bool:
    """Whether words between two commas name one; a name in small letters precedes all others."""
    named = False
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        small = word.lower()
        opens = small in _PURPOSE and not before and after not in _AFTER_PURPOSE
        if opens or word in _TITLED:
            return False
        if _joins(word, besides):
            continue
        if word[0].islower() and (named or before in _BEFORE_NAMES or after == "of"):
            # "Ludwig van Beethoven": what is so short between two names belongs to them.
            if len(word) > _MAX_PARTICLE or not after[:1].isupper():
                return False
        elif not word[0].isdigit():
            named = True
    return True


def _joins(word: str, besides: frozenset[str]) -> bool:
    small = word.lower()
    return small in _JOINING or small in _ROLES or small in besides
