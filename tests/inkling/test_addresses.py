"""Only this machine's own addresses count as such; what isn't known doesn't."""

from __future__ import annotations

import pytest

from inkling.addresses import is_loopback


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("example.org", False),
        ("localhost.evil.org", False), ("", False),
    ],
)  # fmt: skip
def test_own_addresses(host: str, own: bool) -> None:
    assert is_loopback(host) is own
