"""Finds e-mail addresses and public IP addresses.

Addresses that name nobody stay: example domains, `git@` of a clone URL, private and documentation
ranges, and the well-known DNS resolvers (as BigCode's redaction has it).
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from curation.redaction.prose import prose_of_python
from curation.redaction.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_EMAIL = re.compile(
    r"(?<![\w.+%-])([A-Za-z0-9][\w.+%-]{0,63})@((?:[A-Za-z0-9-]{1,63}\.){1,4}([A-Za-z]{2,18}))(?![\w-])"
)
_TOP_LEVEL = frozenset(
    ["com", "org", "net", "edu", "gov", "mil", "int", "io", "ai", "dev", "app", "me", "info",
    "biz", "name", "pro", "xyz", "tech", "cloud", "online", "site", "email", "team", "works",
    "science", "software", "systems"]
)  # fmt: skip
_HARMLESS_DOMAIN = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|test|invalid|localhost|local|domain\.com"
    r"|users\.noreply\.github\.com)$",
    re.IGNORECASE,
)
_HARMLESS_USERS = frozenset({"git", "hg", "svn"})
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d|\.in-addr)")
_IPV6 = re.compile(r"(?<![\w:.])[23][0-9a-fA-F]{3}(?::[0-9a-fA-F]{0,4}){3,7}(?![\w:])")
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NOT_AN_ADDRESS = re.compile(
    r"version|release|section|specification|\brev\b|\bver\b|\boid\b|object.?id", re.IGNORECASE
)
_LINE_CHARACTERS = 500
_ADDRESS_WORD = re.compile(r"\bip|addr|host|server|://|connect|ping\b|dns", re.IGNORECASE)
_RESOLVERS = frozenset(
    ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "149.112.112.112",
    "208.67.222.222", "208.67.220.220", "76.76.19.19", "76.76.2.0", "94.140.14.14",
    "94.140.15.15", "4.2.2.1", "4.2.2.2", "1.2.3.4", "2001:4860:4860::8888",
    "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001", "2620:fe::fe"]
)  # fmt: skip


def personal_spans(text: str, language: str | None) -> Iterator[Span]:
    """E-mail and IP addresses in a text.

    Args:
        language: in Python, where `@` is an operator, only strings and comments are looked at.
    """
    emails = list(_emails(text))
    if emails and language == "python":
        prose = prose_of_python(text)
        emails = [span for span in emails if any(a <= span.start < b for a, b in prose)]
    yield from emails
    yield from _addresses(text, _IPV4)
    yield from _addresses(text, _IPV6)


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        if _names_somebody(match):
            yield Span(match.start(), match.end(), "EMAIL", "email")


def is_personal_email(value: str) -> bool:
    """Whether a value is an e-mail address that may be somebody's."""
    match = _EMAIL.fullmatch(value)
    return match is not None and _names_somebody(match)


def is_personal_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an IP address is public and no well-known resolver.

    Of IPv6 only 2000::/3 is given out; `dead:beef::1` and its like are play.
    """
    if address.version == 6 and address not in _GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast and str(address) not in _RESOLVERS


def _names_somebody(match: re.Match[str]) -> bool:
    user, domain, top = match[1].lower(), match[2].lower(), match[3].lower()
    real = top in _TOP_LEVEL or len(top) == 2
    return real and user not in _HARMLESS_USERS and not _HARMLESS_DOMAIN.search(domain)


def _addresses(text: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    for match in pattern.finditer(text):
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            continue
        if is_personal_address(address) and fits_an_address(text, match.start(), match.end()):
            yield Span(match.start(), match.end(), "IP_ADDRESS", f"ipv{address.version}")


def fits_an_address(text: str, start: int, end: int) -> bool:
    """Whether the line around `text[start:end]` speaks of an address, not of a version or an id."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = text[first : last if last >= 0 else len(text)][:_LINE_CHARACTERS]
    # Few addresses begin with one digit, but most version numbers and object ids do.
    unlikely = text[start + 1] == "." and not _ADDRESS_WORD.search(line)
    return not unlikely and not _NOT_AN_ADDRESS.search(line)
