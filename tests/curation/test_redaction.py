"""Redaction: no canary survives, hashes and harmless addresses stay, and code still parses."""

from __future__ import annotations

import ast
import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from datatrove.data import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.redaction.canaries import KINDS, plant
from curation.redaction.redact import find_spans, redact, stand_in
from curation.redaction.span import Span, without_overlaps
from curation.stages.secrets import REDACTIONS_KEY, SecretsFilter
from tests.curation.trees import module_text

if TYPE_CHECKING:
    from collections.abc import Iterable

CANARIES = list(plant(11, each=10, forms=("python",)))


def kinds(text: str, language: str | None = "python") -> list[str]:
    return [span.kind for span in find_spans(text, language)]


def indented(lines: Iterable[str]) -> str:
    return "".join(f"def f{n}():\n    {line}\n    return {n}\n" for n, line in enumerate(lines))


# --- nothing that is planted survives --------------------------------------------------------


def test_of_two_hundred_canaries_of_many_kinds_none_survives() -> None:
    assert len(CANARIES) >= 200
    assert len(KINDS) >= 15
    text = module_text(1) + indented(canary.line for canary in CANARIES)
    ast.parse(text)
    redacted = redact(text, "python")
    assert [canary for canary in CANARIES if canary.secret in redacted.text] == []
    assert not redacted.broken
    ast.parse(redacted.text)


@pytest.mark.parametrize("seed", range(4))
def test_no_password_survives_whatever_sign_it_begins_with(seed: int) -> None:
    for canary in plant(seed, 40, ("python",)):
        if canary.kind == "password":
            assert canary.secret not in redact(f"{canary.line}\n", "python").text, canary.line


@pytest.mark.parametrize("value", ["i8b8EFzTG!CRCE", "uRlx7-9kWsize4"])
def test_a_password_that_happens_to_spell_a_word_of_hashes_is_one_all_the_same(value: str) -> None:
    assert value not in redact(f'DB_PASSWORD = "{value}"\n', "python").text


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_alone_in_its_file(kind: str) -> None:
    for canary in CANARIES:
        if canary.kind == kind:
            assert canary.secret not in redact(f"{canary.line}\n", "python").text, canary.line


PEM = """-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEAq1qUf0m8sJ3Yt2kP9vLw4d8Jc1ZrVx7uQm5nB6hT0aEyGkXo
pW2sRf9LcDz3HvJt8YbNq4MgUe1KiSx6Aw7OdPlBu5RjVyCn0FhTzEmQ2kGaXs9I
-----END RSA PRIVATE KEY-----
"""


def test_a_private_key_loses_its_body_and_keeps_its_lines() -> None:
    redacted = redact(f'KEY = """{PEM}"""\n', "python").text
    assert "MIIEpAIBAAKC" not in redacted
    assert "pW2sRf9LcDz3" not in redacted
    assert redacted.count("\n") == f'KEY = """{PEM}"""\n'.count("\n")
    cut_off = redact(f"KEY = '''{PEM.split('-----END')[0]}'''\n", None).text
    assert "pW2sRf9LcDz3" not in cut_off


# --- what must stay --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
        'EXPECTED_TOKEN_HASH = "d41d8cd98f00b204e9800998ecf8427e"',
        'commit = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad"',
        '"integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP"',
        'uuid = "123e4567-e89b-12d3-a456-426614174000"',
        'password = "password"',
        'password = "your-password-123"',
        'api_key = "YOUR_API_KEY_1234567890"',
        'token = "xxxxxxxxxxxxxxxxxxxxxxxx1"',
        'secret = os.environ["SECRET_1"]',
        'password = f"{user}1234{suffix}"',
        "token: str = get_token(config.key1, config.key2)",
        'AWS = "AKIAIOSFODNN7EXAMPLE"',
        'url = "https://user:pass@localhost/"',
        'url = f"https://{user}:{password}@{host}/"',
        'key = "a_long_descriptive_name_of_a_setting"',
        'keys = ["first_key_of_the_table_1", "second_key_of_the_table_2"]',
        'HOST = "127.0.0.1"',
        'HOST = "192.168.1.17"',
        'HOST = "0.0.0.0"',
        'DNS = ["8.8.8.8", "1.1.1.1"]',
        'EXAMPLE = "192.0.2.44"',
        'version = "52.12.1.3"',
        'name = "2001:db8::1"',
        "part = values[1::2]",
        'OID = "1.3.6.1.4.1"',
        "# see https://tools.ietf.org/html/rfc7231#section-7.1.1.1",
        'name = "IronPython 2.0 (2.0.0.0) on .NET"',
        'PTR = "1.0.0.127.in-addr.arpa"',
        'tokenizer = AutoTokenizer.from_pretrained("owner/some-model_418M-16384-pubmed")',
        'url = "postgresql://postgres:postgres@localhost:5432/main"',
        '"""Opens github://org:repo@/path/file.yml and git://[path[:]][ref@]path."""',
        'mail = "someone@example.com"',
        'clone = "git@github.com:owner/project.git"',
        "product = left@right.T",
        "product = left@right.dot",
        "@pytest.mark.parametrize",
        "value = first@second.me",
    ],
)
def test_hashes_placeholders_and_harmless_addresses_stay(line: str) -> None:
    assert find_spans(f"{line}\n", "python") == []


def test_hash_sized_keys_count_only_where_the_file_is_not_about_hashes() -> None:
    line = 'service_key = b"" + "0a1b9c8d7e6f5a4b3c2d1e0f9a8b7c6d"\n'
    assert kinds(module_text(1) + line) == ["KEY"]
    assert kinds("# how sha works\n" + line) == []


# --- how it is replaced ----------------------------------------------------------------------


def test_the_same_value_gets_the_same_stand_in_wherever_it_stands() -> None:
    text = (
        '# by jo@real-company.org\nMAIL = "Jo@Real-Company.org"\nHOST = "52.10.0.7"  # 52.10.0.7\n'
    )
    redacted = redact(text, "python").text
    first, second, third = redacted.splitlines()
    assert first.removeprefix("# by ") == second.split('"')[1]
    assert third.split('"')[1] == third.split("# ")[1]
    assert "real-company" not in redacted.lower()
    assert redact(redacted, "python").text == redacted


@pytest.mark.parametrize(
    ("value", "kind", "prefix"),
    [
        ("a@b.org", "EMAIL", "user"),
        ("52.1.2.3", "IP_ADDRESS", "10.0."),
        ("2600::1", "IP_ADDRESS", "fd00::"),
        ("k3y", "KEY", "redacted_key_"),
        ("pw1", "PASSWORD", "redacted_password_"),
    ],
)
def test_a_stand_in_tells_its_kind(value: str, kind: str, prefix: str) -> None:
    assert stand_in(value, kind).startswith(prefix)
    assert value not in stand_in(value, kind)


def test_a_redacted_json_file_still_parses() -> None:
    text = json.dumps({"password": "s3cr3t-Value9", "mail": "jo@firm.net", "n": [1, 2]})
    redacted = redact(text, "json")
    assert not redacted.broken
    assert json.loads(redacted.text)["n"] == [1, 2]
    assert "s3cr3t" not in redacted.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([canary.line for canary in CANARIES]),
            st.sampled_from(["x = 1", "# größe 日本", "", "y = '\\u00e9'"]),
        ),
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_lines_keep_their_number_and_innocent_ones_their_bytes(lines: list[str], end: str) -> None:
    text = end.join(lines)
    redacted = redact(text, "python")
    assert redacted.text.count("\n") == text.count("\n")
    if not redacted.spans:
        assert redacted.text == text
    for before, after in zip(text.split("\n"), redacted.text.split("\n"), strict=True):
        if not find_spans(before):
            assert before == after


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=12))
def test_overlapping_spans_become_one_that_covers_them(places: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + size, "KEY", "r") for start, size in places]
    merged = without_overlaps(spans)
    assert {n for s in merged for n in range(s.start, s.end)} == {
        n for s in spans for n in range(s.start, s.end)
    }
    assert all(left.end <= right.start for left, right in pairwise(merged))


# --- the stage -------------------------------------------------------------------------------


def test_the_stage_notes_what_it_replaced() -> None:
    text = "# by jo@real-company.org\n" + module_text(3)
    document = Document(text=text, id="id", metadata={"path": "a.py", "language": "python"})
    (same,) = SecretsFilter().run(iter([document]))
    assert same.metadata[REDACTIONS_KEY] == {"EMAIL": 1}
    assert same.text.splitlines()[1:] == text.splitlines()[1:]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "=" * 100_000, "://a:" * 20_000, "@a." * 30_000, "password=" * 10_000,
     "1." * 50_000, "2:" * 50_000, "-----BEGIN PRIVATE KEY-----" * 2_000, '"' * 100_000],
)  # fmt: skip
def test_hostile_text_ends(text: str) -> None:
    assert all(span.kind != "EMAIL" for span in find_spans(text))


def test_a_secret_far_into_a_long_line_is_found() -> None:
    for place in (1_700, 1_900, 1_990, 3_590, 9_000):
        line = f'x = ["{"word " * (place // 5)}", "{CANARIES[0].secret}"]'
        assert CANARIES[0].secret not in redact(line).text
