"""Which files never enter a prompt, a corpus or a log, by their names and by a key's header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkling.secret_shapes import SHAPES
from inkling.secrets import contains_private_key, is_secret_path, without_secrets

SECRET = [
    ".env",
    "app/.env",
    ".env.production",
    ".env.local",
    "staging.env",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".git-credentials",
    ".pypirc",
    ".npmrc",
    "id_rsa",
    "keys/id_ed25519",
    "server.pem",
    "Server.KEY",
    "store.jks",
    "vault.kdbx",
    "credentials",
    "credentials.json",
    "secrets.yaml",
    "secret.toml",
    "service-account-prod.json",
    "service_account.json",
    "home/.ssh/config",
    ".aws/config",
    ".kube/config",
    ".ssh/.env.example",
    ".envrc",
    ".my.cnf",
    ".s3cfg",
    ".vault-token",
    ".dockercfg",
    "keys/id_ed25519_sk",
    "prod/terraform.tfvars",
    "terraform.tfvars.json",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "kubeconfig",
    "prod.kubeconfig",
    "src/main/resources/application-secrets.properties",
    "app.secrets.yml",
    "client_secret_1234.apps.googleusercontent.com.json",
    "application_default_credentials.json",
    "serviceAccountKey.json",
    "shop-firebase-adminsdk-a1b2c.json",
    "aws_credentials.csv",
    ".databrickscfg",
]
HARMLESS = [
    "main.py",
    "secrets.py",
    "credentials.py",
    "environment.py",
    "env",
    ".envrc.md",
    "variables.tf",
    "terraform.tfvars.example",
    "nosecrets.yaml",
    "kubeconfig.py",
    ".env.example",
    "app/.env.sample",
    ".env.template",
    "keyboard.py",
    "key",
    "monkey.py",
    "id_rsa_parser.py",
    "service_account.py",
    "ssh/config",
    ".ssh",
    "",
]


@pytest.mark.parametrize("path", SECRET)
def test_secret(path: str) -> None:
    assert is_secret_path(path)


@pytest.mark.parametrize("path", HARMLESS)
def test_harmless(path: str) -> None:
    assert not is_secret_path(path)


@given(st.sampled_from(SECRET), st.lists(st.sampled_from(["src", "a b", "ü"])))
def test_the_folder_above_makes_no_secret_harmless(path: str, above: list[str]) -> None:
    assert is_secret_path("/".join([*above, path]))


@given(st.text())
def test_any_path_has_an_answer(path: str) -> None:
    assert is_secret_path(path) in (True, False)


# Put together here, so that no scanner takes this file for one that holds a key.
DASHES = "-" * 5


@pytest.mark.parametrize(
    "kind",
    [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ],
)
def test_a_private_key_is_seen_wherever_it_stands(kind: str) -> None:
    assert contains_private_key(f'KEY = """{DASHES}BEGIN {kind}{DASHES}\nMIIE…')


@pytest.mark.parametrize("kind", ["PUBLIC KEY", "CERTIFICATE", "PGP PUBLIC KEY BLOCK", "KEY"])
def test_what_is_public_is_no_secret(kind: str) -> None:
    assert not contains_private_key(f"{DASHES}BEGIN {kind}{DASHES}\nMIIE…")


# Halves are put together here, so that no scanner takes this file for one that holds keys.
HEX = "3a86b9c329d6f0s4".replace("s", "e") * 2
WORD = "4eC39HqLyjWDarjtT1zdp7dcQ2w8Zx5vB"
KEYS = {
    "aws": "AKIA" + "Q2Z7W1X5V8R3T6YP",
    "azure_signature": "https://a.b/c?sig=" + WORD * 2,
    "digitalocean": "dop_v1_" + HEX * 2,
    "discord_webhook": f"https://discord.com/api/webhooks/{'28374651' * 2}90/{WORD * 2}",
    "docker_hub": "dckr_pat_" + WORD,
    "github": "ghp_" + WORD + "abc",
    "github_fine_grained": "github_pat_" + WORD,
    "gitlab": "glpat-" + WORD,
    "google_api": "AIza" + WORD + "ab",
    "hugging_face": "hf_" + WORD,
    "jwt": f"eyJ{WORD}.eyJ{WORD}.{WORD}",
    "mailchimp": HEX + "-us12",
    "mailgun": "key-" + HEX,
    "npm": "npm_" + WORD + "abc",
    "openai": "sk-proj-" + WORD,
    "pem_base64": "LS0tLS1CRUdJTi" + "BSU0Eg" + WORD * 2,
    "pypi": "pypi-" + WORD * 2,
    "sendgrid": f"SG.{WORD}.{WORD}",
    "sentry": f"https://{HEX}@o1.sentry.io/2",
    "shopify": "shpat_" + HEX,
    "slack": "xoxb-123456789012-" + WORD,
    "slack_app": "xapp-" + WORD,
    "slack_webhook": f"https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/{WORD}",
    "stripe": "sk_live_" + WORD,
    "telegram": "123456789:" + WORD + "ab",
    "twilio": "SK" + HEX,
}


def hidden(value: str) -> str:
    """What stays of a key: the address around it."""
    for before in (
        "https://a.b/c?sig=",
        "https://discord.com/api/webhooks/",
        "https://hooks.slack.com/services/",
    ):
        if value.startswith(before):
            return before + "***"
    return "https://***@o1.sentry.io/2" if "sentry" in value else "***"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('password = "hunter2hunter2"', 'password = "***"'),
        ("API_KEY: str = 'abcdefgh1234'", "API_KEY: str = '***'"),
        ('{"client_secret": "s3cr3tvalue"}', '{"client_secret": "***"}'),
        ("k = 'AK" + "IAABCDEFGHIJKLMNOP'", "k = '***'"),
        ("url = 'postgres://me:hunter2@db/x'", "url = 'postgres://***@db/x'"),
        ('password = ""', 'password = ""'),
        ('password = "<your password>"', 'password = "<your password>"'),
        ("password = getpass()", "password = getpass()"),
        ("def token(self): return 'identifier'", "def token(self): return 'identifier'"),
        ("secret = 'a b c d e f g h'", "secret = 'a b c d e f g h'"),
        ("password: hunter2secret", "password: ***"),
        ("export API_TOKEN=8f3kd02lsk29fjw0", "export API_TOKEN=***"),
        ("curl -u me:gr4niteLake x.org", "curl -u me:*** x.org"),
        ("password = 'gr4n\"ite9'", "password = '***'"),
        ("u = 'postgres://me:gr4n@ite9@db/x'", "u = 'postgres://***@db/x'"),
        ("h = 'Bearer 8f3kd02lsk29fjw08f3kd02l'", "h = 'Bearer ***'"),
        ("password: ${PASSWORD1}", "password: ${PASSWORD1}"),
    ],
)
def test_values_that_look_like_secrets_are_hidden(text: str, hidden: str) -> None:
    assert without_secrets(text) == hidden
    assert without_secrets(hidden) == hidden


@pytest.mark.parametrize("name", [name for name, _ in SHAPES])
def test_each_shape_is_hidden_but_not_in_the_midst_of_data(name: str) -> None:
    value = KEYS[name]
    assert dict(SHAPES)[name].search(value)
    assert without_secrets(f"x = '{value}'\n", "python") == f"x = '{hidden(value)}'\n"
    if "/" not in value and name != "jwt":  # a part of one may be one
        assert without_secrets(f"x = 'Zm9v{value}'\n", "python") == f"x = 'Zm9v{value}'\n"


def test_in_code_a_bare_word_stays() -> None:
    line = "login(password=hunter2secret)"
    assert without_secrets(line, "python") == line
    assert without_secrets(line, "shell") == "login(password=***)"


@given(st.text(st.sampled_from("ab1 =:'\"\r\n\\"), max_size=60), st.integers(0, 3000))
def test_what_is_no_secret_stays_byte_for_byte(text: str, spaces: int) -> None:
    assert without_secrets(text + " " * spaces + text) == text + " " * spaces + text
