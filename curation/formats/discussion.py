"""Issues and pull requests as text, and which are worth it; people are numbered, not named.

As StarCoder2: bots' contributions go; a discussion needs 200 characters, and two people or
brevity; of a comment beyond 80 lines the last 20 stay; `username_0` is whoever spoke first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from curation.formats.sentinels import Part, join

_MIN_CHARACTERS = 200
_ALONE_CHARACTERS, _ALONE_EVENTS = 7_000, 10
_MAX_LINES, _LAST_LINES = 80, 20
_MAX_TITLE = 500
_BOT = re.compile(r"\[bot\]$|(?:^|[-_])bot(?:$|[-_])|^(?:dependabot|renovate|codecov|travis)", re.I)


@dataclass(frozen=True)
class Contribution:
    """What one person wrote: `kind` is `text`, `comment` or `review`."""

    user: str
    kind: str
    text: str


@dataclass(frozen=True)
class Discussion:
    """An issue or a pull request. `state` is the last one seen: `opened`, `closed` or `merged`."""

    repo: str
    number: int
    is_pull: bool
    title: str
    contributions: tuple[Contribution, ...]
    state: str


def without_bots(discussion: Discussion) -> Discussion:
    """The same discussion among people."""
    people = tuple(
        c for c in discussion.contributions if not _BOT.search(c.user) and c.text.strip()
    )
    return Discussion(
        discussion.repo,
        discussion.number,
        discussion.is_pull,
        discussion.title,
        people,
        discussion.state,
    )


def drop_reason(discussion: Discussion) -> str | None:
    """Why a discussion (bots left out) is no document, if it isn't."""
    size = sum(len(c.text) for c in discussion.contributions)
    if size < _MIN_CHARACTERS:
        return "too_short"
    alone = len({c.user for c in discussion.contributions}) < 2
    if alone and (size > _ALONE_CHARACTERS or len(discussion.contributions) > _ALONE_EVENTS):
        return "monologue"
    return None


def discussion_text(discussion: Discussion) -> str:
    """`<issue_start>Title: …` or `<pr>Title: …` with the contributions in their order."""
    numbers: dict[str, int] = {}
    for contribution in discussion.contributions:
        numbers.setdefault(contribution.user, len(numbers))
    start = "pr" if discussion.is_pull else "issue_start"
    comment = "pr_comment" if discussion.is_pull else "issue_comment"
    opening = f"Title: {discussion.title[:_MAX_TITLE]}\n"
    parts = []
    for contribution in discussion.contributions:
        text = f"username_{numbers[contribution.user]}: {_renamed(contribution.text, numbers)}"
        if contribution.kind == "text":
            opening += text
        else:
            parts.append(Part("pr_review" if contribution.kind == "review" else comment, text))
    parts.insert(0, Part(start, opening))
    if discussion.is_pull:
        parts.append(Part("pr_status", discussion.state))
        parts.append(Part("pr_is_merged", str(discussion.state == "merged")))
    elif discussion.state == "closed":
        parts.append(Part("issue_closed", ""))
    return join(parts)


def _renamed(text: str, numbers: dict[str, int]) -> str:
    """A contribution cut to size, with the people of the discussion numbered in it."""
    lines = text.replace("\r\n", "\n").splitlines()
    if len(lines) > _MAX_LINES:
        lines = ["…", *lines[-_LAST_LINES:]]
    cut = "\n".join(lines)
    for user in sorted(numbers, key=len, reverse=True):
        cut = re.sub(rf"@{re.escape(user)}\b", f"@username_{numbers[user]}", cut, flags=re.I)
    return cut
