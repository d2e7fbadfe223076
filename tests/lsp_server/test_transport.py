"""Where the server listens."""

from __future__ import annotations

import pytest

from inkling.errors import InklingError
from lsp_server.transport import parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:1", ("localhost", 1)),
        (":0", ("127.0.0.1", 0)),
        ("7000", ("127.0.0.1", 7000)),
        ("[::1]:7000", ("::1", 7000)),
    ],
)
def test_this_machine_is_the_default(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text, allow_remote=False) == address


@pytest.mark.parametrize("text", ["0.0.0.0:1", "example.org:80", "192.168.1.2:9", "[::]:9"])
def test_beyond_this_machine_only_if_asked(text: str) -> None:
    with pytest.raises(InklingError, match="other machines"):
        parse_address(text, allow_remote=False)
    assert parse_address(text, allow_remote=True)[1] > 0


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", "localhost:http", ":70000", ":-1"])
def test_malformed_addresses(text: str) -> None:
    with pytest.raises(InklingError, match="HOST:PORT"):
        parse_address(text, allow_remote=False)
