"""Secrets below, beside or among other things than `name = "value"`; what only looks alike stays.

Prose and tables of READMEs, addresses, values on later lines, in pieces and in lists, calls.
"""

from __future__ import annotations

import pytest

from curation.redaction.redact import find_spans, redact
from inkling.secret_spread import spread_values
from inkling.secrets import without_secrets


@pytest.mark.parametrize(
    ("language", "text", "secret"),
    [
        ("markdown", "API key: 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("markdown", "Access token: 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("markdown", "The api key is 8f3kd02lsk29fjw0.", "8f3kd02lsk29fjw0"),
        ("markdown", "For tests your token is `8f3kd02lsk29fjw0`!", "8f3kd02lsk29fjw0"),
        ("markdown", "- **API Key:** 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("markdown", "**Secret Access Key**: `8f3kd02lsk29fjw0`", "8f3kd02lsk29fjw0"),
        ("markdown", "The API key for the demo is 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("markdown", "Your secret: 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("markdown", "Log in with the admin password: gr4niteLake", "gr4niteLake"),
        ("markdown", "| API key | `8f3kd02lsk29fjw0` |", "8f3kd02lsk29fjw0"),
        ("markdown", "| **Admin password** | gr4niteLake |", "gr4niteLake"),
        ("markdown", "| n | API key |\n|---|---|\n| 1 | 8f3kd02lsk29fjw0 |", "8f3kd02lsk29fjw0"),
        ("javascript", "// Access token: 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("python", "x = 1  # the API key is 8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("python", 'get("https://x.org/v1?n=1&key=8f3kd02lsk29fjw0Zt7R")', "8f3kd02lsk29fjw0"),
        ("python", 'url = "https://x.org/v1?api_key=8f3kd02lsk29fjw0#top"', "8f3kd02lsk29fjw0"),
        ("markdown", "<https://x.org/?access_token=8f3kd02lsk29fjw0&n=2>", "8f3kd02lsk29fjw0"),
        ("html", '<a href="https://x.org/?n=1&amp;key=8f3kd02lsk29fjw0Zt7R">', "8f3kd02lsk29fjw0"),
        ("python", 'API_KEY = (\n    "8f3kd02lsk29fjw0"\n)', "8f3kd02lsk29fjw0"),
        ("python", 'password = \\\n  "gr4niteLake"', "gr4niteLake"),
        ("java", 'String API_KEY =\n    "8f3kd02lsk29fjw0";', "8f3kd02lsk29fjw0"),
        ("typescript", "const apiKey: string =\n  '8f3kd02lsk29fjw0';", "8f3kd02lsk29fjw0"),
        ("python", 'f(\n    password=  # of the database\n    "gr4niteLake",\n)', "gr4niteLake"),
        ("yaml", 'password:\n  "gr4niteLake"', "gr4niteLake"),
        ("yaml", "password: >-\n  gr4niteLake", "gr4niteLake"),
        ("yaml", "db:\n  password: |\n    gr4niteLake\n  user: me", "gr4niteLake"),
        ("yaml", "password:\n  gr4niteLake", "gr4niteLake"),
        ("json", '{"password":\n  "gr4niteLake"}', "gr4niteLake"),
        ("python", 'SECRET = ("8f3kd02lsk"\n          "29fjw0Zt7R")', "8f3kd02lsk"),
        ("python", 'SECRET = ("8f3kd02lsk"\n          "29fjw0Zt7R")', "29fjw0Zt7R"),
        ("java", 'String secret =\n  "8f3kd02lsk" +\n  "29fjw0Zt7R";', "29fjw0Zt"),
        ("python", 'jwt.encode({"sub": user(1), "exp": {"a": 1}}, "gr4niteLake")', "gr4niteLake"),
        ("javascript", "jwt.sign(payload, 'gr4niteLake', { expiresIn: '1h' })", "gr4niteLake"),
        ("php", "<?php JWT::encode($payload, 'gr4niteLake', 'HS256');", "gr4niteLake"),
        ("javascript", "crypto.createHmac('sha256', 'gr4niteLake').update(x)", "gr4niteLake"),
        ("php", "<?php hash_hmac('sha256', $body, 'gr4niteLake');", "gr4niteLake"),
        ("python", 'hmac.new(b"gr4niteLake", message, sha256)', "gr4niteLake"),
        ("python", 'box = Fernet(b"Zt7RbN3vC6yHdQ8xLw1PmK5sJ9fG2aVe4uXoTi0Wc8E=")', "Zt7RbN3v"),
        ("go", 'mac := hmac.New(sha256.New, []byte("gr4niteLake"))', "gr4niteLake"),
        ("rust", 'env::var("KEY").unwrap_or("8f3kd02lsk29fjw0".into())', "8f3kd02lsk29fjw0"),
        ("python", 'tokens = ["x", "8f3kd02lsk29fjw0"]', "8f3kd02lsk29fjw0"),
        ("python", 'API_KEYS = (\n    "8f3kd02lsk29fjw0",  # me\n    "x",\n)', "8f3kd02lsk29fjw0"),
        ("toml", 'tokens = [\n  "8f3kd02lsk29fjw0",\n]', "8f3kd02lsk29fjw0"),
        ("json", '{"api_keys": ["8f3kd02lsk29fjw0", "Zt7RbN3vC6yH"]}', "Zt7RbN3vC6yH"),
        ("yaml", "api_keys: [8f3kd02lsk29fjw0, Zt7RbN3vC6yH]", "Zt7RbN3vC6yH"),
        ("yaml", "tokens:\n  - 8f3kd02lsk29fjw0\n  - Zt7RbN3vC6yH # old", "Zt7RbN3vC6yH"),
        ("yaml", 'tokens:\n- "8f3kd02lsk29fjw0"\n- "Zt7RbN3vC6yH"', "Zt7RbN3vC6yH"),
        ("go", 'var apiKeys = []string{"8f3kd02lsk29fjw0"}', "8f3kd02lsk29fjw0"),
        ("rust", 'let passwords = vec!["gr4niteLake"];', "gr4niteLake"),
        ("java", 'List<String> tokens = List.of("8f3kd02lsk29fjw0");', "8f3kd02lsk29fjw0"),
    ],
)  # fmt: skip
def test_a_secret_goes_wherever_it_stands(language: str | None, text: str, secret: str) -> None:
    redacted = redact(f"{text}\n", language)
    assert secret not in redacted.text
    assert not redacted.broken
    assert secret not in without_secrets(f"{text}\n", language)


@pytest.mark.parametrize(
    "text",
    [
        "The API key is SHA256-hashed.",
        "API key: your-api-key-1234",
        "The token is base64_url-encoded as in RFC7519.",
        "Access token: see api/v2.json for it",
        "| API key | string64 |\n| token | v1.2.3-alpha |",
        "| `token` | `X25519` | required |",
        "https://x.org/?key=some-page-of-2020&n=1",
        "https://x.org/?token=TOKEN1&key=KEY1",
        "https://x.org/?api_key=$API_KEY1",
        "API_KEY = (\n    os.environ['KEY1']\n)",
        "password:\n  type: string1",
        "password:\n  minLength8:",
        "password:\n  $ref1",
        "password: |\n  ${DB_PASSWORD1}",
        "token: >-\n  {{ .Values.token1 }}",
        "tokens:\n  - color-primary-500\n  - spacing-2x",
        'tokens = ["NUMBER1", "x", "##ing2", "<s1>"]',
        'tokens: ["Quoted_Name_1", "v1.2.3"]',
        "api_keys: [first_key1, second_key2]",
        'passwords = ["password1", "changeme2"]',
        "class Token:\n    'Sha256 of it'",
        "jwt.encode(payload, 'HS256', 'x')",
        "createHmac('sha256', 'sha512')",
        "hmac.new(b'key1', message)",
        "Fernet(b'...')",
        'env::var("KEY").unwrap_or("default-key-1")',
    ],
)
@pytest.mark.parametrize("language", ["yaml", "markdown", None])
def test_what_only_looks_like_a_secret_stays(language: str | None, text: str) -> None:
    assert find_spans(f"{text}\n", language) == []
    assert without_secrets(f"{text}\n", language) == f"{text}\n"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "passwords = [hunter2secret, swordfish99x]"),
        ("python", "# x\ntokens:\n  hunter2Secret9x1"),
        ("javascript", "f({ tokens: [hunter2a9s8d7, oauth2a9s8d7] })"),
        ("typescript", "interface A {\n  apiToken:\n    Oauth2a9Token7x\n}"),
        ("python", "password = \\\n    hunter2secret"),
        ("javascript", "const k = f('token', a ? key : sha256x9a8b7c);"),
    ],
)
def test_in_code_a_word_without_quotes_is_a_variable(language: str, text: str) -> None:
    assert find_spans(f"{text}\n", language) == []
    assert without_secrets(f"{text}\n", language) == f"{text}\n"


def test_both_halves_of_a_joined_string_are_found_and_nothing_else() -> None:
    text = "SECRET = (\n    '8f3kd02lsk'  # one\n    '29fjw0Zt7R'\n)\nother = 'x'\n"
    found = [text[value.start : value.end] for value in spread_values(text)]
    assert found == ["8f3kd02lsk", "29fjw0Zt7R"]


def test_the_argument_after_a_password_is_not_taken_for_another() -> None:
    text = "f(password=\n  'gr4niteLake',\n  'gr4niteHost')\n"
    found = [text[value.start : value.end] for value in spread_values(text)]
    assert found == ["gr4niteLake"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ["tokens=[" * 2_000, "tokens=['a1'," * 2_000, "password=\n" * 2_000, "tokens:\n- a\n" * 1_500,
     "password: >-\n" * 2_000, "token=(\n'" * 2_000, "api key: a1" * 2_000, "| token | a1 " * 1_500,
     "?key=a1&" * 2_000, "jwt.sign({" * 1_500, "jwt.sign(a," * 1_500, "hmac.new(" * 2_000,
     "tokens=[" + "'a1'+" * 10_000, "token=\n" + " " * 200_000, "tokens: [" + "a1," * 50_000],
)  # fmt: skip
def test_hostile_text_ends(text: str) -> None:
    assert isinstance(find_spans(text), list)
    assert isinstance(without_secrets(text), str)
