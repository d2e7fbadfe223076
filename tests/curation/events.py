"""Events of an issue and of a pull request, in the form of GH Archive."""

from __future__ import annotations

from typing import Any

LONG = "It fails when the path has a space in it. " * 6
OTHER = "Quotes whatever is handed to the shell, so that nothing gets lost on its way. " * 4


def event(kind: str, action: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "repo": {"name": "a/b"}, "payload": {"action": action, **payload}}


def said(user: str, body: str, moment: str, **more: Any) -> dict[str, Any]:
    return {"user": {"login": user}, "body": body, "created_at": moment, **more}


ISSUE = said("ann", LONG, "2024-01-01", number=5, title="It fails")


def comment(said: dict[str, Any]) -> dict[str, Any]:
    return event("IssueCommentEvent", "created", issue=ISSUE, comment=said)


EVENTS = [
    comment(said("bob", "So?", "2024-01-03", id=2)),
    comment(said("cy", "Yes.", "2024-01-02", id=1)),
    event("IssuesEvent", "opened", issue=ISSUE),
    event("IssuesEvent", "closed", issue=ISSUE),
    event("PullRequestEvent", "closed",
          pull_request=said("ann", OTHER, "2024-02-01", number=6, title="Mend it", merged=True)),
    {"type": "WatchEvent", "repo": {"name": "a/b"}, "payload": {}},
    {"type": "IssuesEvent", "repo": None, "payload": {"issue": {"number": "five"}}},
]  # fmt: skip
