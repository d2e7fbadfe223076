"""Secrets as configuration, shell and code spell them go; what only looks alike stays."""

from __future__ import annotations

import ast
import configparser
import json
import shlex
from typing import TYPE_CHECKING

import pytest
import yaml

from curation.redaction.canaries import FORMS, KINDS, Canary, plant
from curation.redaction.redact import find_spans, redact
from inkling.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_LINE = "MIIEpAIBAAKCAQEA7bq5kq4mMpqLr0kXz7qv0yN3w4Jx7h2sW1vX9rTqQ0pL5mVb"
CHANCE = (  # what spells "Xxxx" or "FakE" by chance is no placeholder
    "github_pat_zNEu7OEBKYyog39XKOOdtx_mG5VvB3JrMkXxxXjDhwv8UmikBO4EjeKRZifgFXvoiEqOCNjIFPqjmN2HHF"
)
DISCORD = f"{'28374651' * 2}90/{'aB3_-xQ7kd' * 7}"
SLACK_CHANCE = "xoxb-812345067913-k3j9x0q2m7v5p1z8w6t4r2b9"
CANARIES = list(plant(seed=11, each=10))


# --- nothing that is planted survives --------------------------------------------------------


def test_there_are_enough_canaries_of_enough_kinds_and_forms() -> None:
    assert len({canary.secret for canary in CANARIES}) >= 200
    assert len(KINDS) >= 15
    assert {"yaml", "env", "shell", "docker", "json", "js", "ini"} <= set(FORMS)
    assert {"kubernetes", "terraform", "spring", "ruby", "php", "markdown"} <= set(FORMS)
    assert {"readme", "comment", "below", "below_in_yaml", "folded", "signing"} <= set(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_no_canary_survives_in_any_form_of_text(form: str) -> None:
    for canary in CANARIES:
        if canary.form == form:
            redacted = redact(f"{canary.line}\n", canary.language)
            assert canary.secret not in redacted.text, canary.line
            assert not redacted.broken


def test_no_canary_gets_into_a_prompt_either() -> None:
    for canary in CANARIES:
        if canary.kind not in ("email", "ip"):  # a prompt is for the people who wrote it
            assert canary.secret not in without_secrets(canary.line, canary.language), canary.line


def test_nothing_after_a_token_is_taken_with_it() -> None:
    token = "npm_" + "k3J9x0Q2m7" * 3 + "v5p1Z8"
    line = (
        f'RUN echo "//registry.npmjs.org/:_authToken={token}" > ~/.npmrc && npm ci && rm ~/.npmrc'
    )
    text = redact(f"{line}\n", "dockerfile").text
    assert token not in text
    assert text.endswith('" > ~/.npmrc && npm ci && rm ~/.npmrc\n')


def words(text: str) -> object:
    return shlex.split(text, comments=True)


def sections(text: str) -> object:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return parser.sections()


PARSERS: dict[str, Callable[[str], object]] = {
    "python": ast.parse,
    "yaml": yaml.safe_load,
    "kubernetes": yaml.safe_load,
    "env": words,
    "shell": words,
    "docker": words,
    "json": json.loads,
    "ini": sections,
    "below": ast.parse,
    "below_in_yaml": yaml.safe_load,
    "folded": yaml.safe_load,
    "signing_in_python": ast.parse,
}


def file_of(canary: Canary) -> str:
    return f"[main]\n{canary.line}\n" if canary.form == "ini" else f"{canary.line}\n"


@pytest.mark.parametrize("form", PARSERS)
def test_what_could_be_parsed_still_can(form: str) -> None:
    for canary in CANARIES[::3]:
        if canary.form == form:
            before = PARSERS[form](file_of(canary))
            after = PARSERS[form](redact(file_of(canary), canary.language).text)
            assert type(before) is type(after)
            if form == "yaml" and isinstance(before, dict):
                assert isinstance(after, dict)
                assert list(after) == list(before)


# --- forms, one by one -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "line", "secret"),
    [
        ("yaml", "password: hunter2secret", "hunter2secret"),
        ("yaml", "aws_secret_access_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYzz9kQ1", "wJalrXUtnFEMI"),
        ("yaml", "client_secret: Zk39-fk2_Kd92kd0sl", "Zk39-fk2_Kd92kd0sl"),
        ("yaml", "      - POSTGRES_PASSWORD=gr4nite-Lake", "gr4nite-Lake"),
        ("yaml", "{user: me, password: gr4niteLake}", "gr4niteLake"),
        ("dockerfile", "ENV DB_PASSWORD gr4niteLake", "gr4niteLake"),
        ("dockerfile", "ENV A=1 DB_PASSWORD=gr4niteLake \\", "gr4niteLake"),
        ("shell", "export API_TOKEN=8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("shell", "curl -su admin:gr4niteLake https://x.org", "gr4niteLake"),
        ("shell", "curl --user 'admin:gr4niteLake' https://x.org", "gr4niteLake"),
        ("shell", "curl -u me:'&6LO8&9kEYFAwl' x.org", "6LO8&9kEYFAwl"),
        ("python", "headers['Authorization'] = 'dXNlcjpwYXNzd29yZDE='", "dXNlcjpw"),
        ("shell", "mysqldump -u root -pgr4niteLake db > out", "gr4niteLake"),
        ("shell", "PGPASSWORD=gr4niteLake psql -h x", "gr4niteLake"),
        ("shell", "deploy --token 8f3kd02lsk29fjw0 --now", "8f3kd02lsk29fjw0"),
        (None, "db.password=gr4niteLake", "gr4niteLake"),
        (None, "password = gr4niteLake", "gr4niteLake"),
        (None, "smtp_pass: !Fo49iIMiwQURQ", "Fo49iIMiwQURQ"),
        (None, "SECRET_KEY=9xk(2_w$k=c4+vm)q8e!b1t@z7n#r5u&y3o^l6a", "9xk(2_w$k=c4+vm)q8e"),
        ("python", 'SECRET_KEY = "9xk(2_w$k=c4+vm)q8e!b1t@z7n#r5u&y3o^l6a"', "9xk(2_w$k=c4+vm)"),
        ("python", 'h = {"Authorization": "Bearer 8f3kd02lsk29fjw08f3kd02lsk29fjw0abcd9z8y"}',
         "8f3kd02lsk29fjw0"),
        ("python", 'get(u, auth=("admin", "pw-value"))', "pw-value"),
        ("python", "get(u, auth=HTTPBasicAuth('admin', 'gr4niteLake'))", "gr4niteLake"),
        ("python", 'k = "key-3a86b9c329d6fds4ac373c0abde01f24"', "3a86b9c329d6fds4"),
        ("python", 'password = "gr4n\\"iteLake9"', "iteLake9"),
        ("python", """password = "gr4n'iteLake9" """, "iteLake9"),
        ("python", 'x = connect("host=db user=me password=gr4niteLake")', "gr4niteLake"),
        ("python", '"""Set it:\n\n    export API_TOKEN=8f3kd02lsk29fjw0\n"""', "8f3kd02lsk29fjw0"),
        ("python", "# password: gr4niteLake", "gr4niteLake"),
        ("javascript", "// password: gr4niteLake", "gr4niteLake"),
        ("python", 'os.environ.setdefault("DB_PASSWORD", "gr4niteLake")', "gr4niteLake"),
        ("php", "define('DB_PASSWORD', 'gr4niteLake');", "gr4niteLake"),
        ("xml", "<password>gr4niteLake</password>", "gr4niteLake"),
        ("shell", "curl -H 'X-Api-Key: 8f3kd02lsk29fjw0' x.org", "8f3kd02lsk29fjw0"),
        ("shell", "wget --http-password gr4niteLake x.org", "gr4niteLake"),
        ("shell", "echo 'me:gr4niteLake' | sudo chpasswd", "gr4niteLake"),
        ("shell", "redis-cli -h x -a gr4niteLake ping", "gr4niteLake"),
        (None, "machine x.org login me password gr4niteLake", "gr4niteLake"),
        (None, "//registry.x.org/:_authToken=8f3kd02lsk29fjw0", "8f3kd02lsk29fjw0"),
        ("json", '{"password": "gr4nite\\u0026Lake"}', "gr4nite"),
        ("python", 'DSN = "https://8f3ad02b1ce29f0d8f3ad02b1ce29f0d@o1.sentry.io/2"', "8f3ad02b1c"),
        ("json", '{"args": ["--password=gr4niteLake"]}', "gr4niteLake"),
        ("sql", "CREATE USER me IDENTIFIED BY 'gr4niteLake';", "gr4niteLake"),
        ("typescript", 'const password: string = "gr4niteLake"', "gr4niteLake"),
        ("rust", 'let password: &str = "gr4niteLake";', "gr4niteLake"),
        ("kotlin", 'val password: String = "gr4niteLake"', "gr4niteLake"),
        ("go", 'var password string = "gr4niteLake"', "gr4niteLake"),
        ("java", 'source.setPassword("gr4niteLake");', "gr4niteLake"),
        ("python", 'login("me", "gr4niteLake")', "gr4niteLake"),
        ("c", '#define WIFI_PASSWORD "gr4niteLake"', "gr4niteLake"),
        ("shell", "aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDE", "wJalrXUt"),
        ("python", 'T = "123456789:AAE3kd02lsk29fjw0Zt7RbN3vC6yHdQ8xLw"', "AAE3kd02lsk"),
        ("yaml", "command: redis-server --requirepass gr4niteLake", "gr4niteLake"),
        ("python", "URL = 'redis://:gr4niteLake@host:6379/0'", "gr4niteLake"),
        ("python", 'p.add_argument("--password", default="gr4niteLake")', "gr4niteLake"),
        ("python", 'pw = os.getenv("PW", "gr4niteLake")', "gr4niteLake"),
        ("xml", '<add key="DbPassword" value="gr4niteLake"/>', "gr4niteLake"),
        ("python", f'x = call("{CHANCE}")', CHANCE),
        ("python", f'x = call("{SLACK_CHANCE}")', SLACK_CHANCE),
        ("yaml", "credentials: svc:gr4niteLake", "gr4niteLake"),
        ("shell", "smbclient -U bob%gr4niteLake //host/x", "gr4niteLake"),
        ("yaml", f"private_key: |\n  {KEY_LINE}\n  {KEY_LINE}\n", KEY_LINE),
        ("yaml", '  - name: REDIS_PASSWORD\n    value: "gr4nite-Lake"', "gr4nite-Lake"),
        ("yaml", "- name: SESSION_SECRET\n  value: Zt7RbN3vC6yHdQ8xLw1PmK5sJ9fG2aVe", "Zt7RbN3v"),
        ("json", '{"name": "DB_PASSWORD", "value": "gr4niteLake"}', "gr4niteLake"),
        (None, 'variable "db_password" {\n  default = "gr4niteLake"\n}', "gr4niteLake"),
        ("json", '{"auths": {"r.io": {"auth": "c3ZjOmdyNG5pdGVMYWtl"}}}', "c3ZjOmdyNG5pdGVMYWtl"),
        ("json", '{"auths": {"r.io": {"auth": "q1c8Zt7RbN3vC6yHdQ+xLw=="}}}', "q1c8Zt7RbN3v"),
        ("typescript", "h['Authorization'] = 'Basic c3ZjOmdyNG5pdGVMYWtl';", "c3ZjOmdyNG5p"),
        ("javascript", "const h = 'Basic ' + btoa('svc:gr4niteLake');", "gr4niteLake"),
        ("python", 'h = base64.b64encode(b"svc:gr4niteLake")', "gr4niteLake"),
        ("shell", "kubectl create secret generic x --from-literal=password=graniteLake", "granite"),
        ("shell", "wget --user=me --password=graniteLake https://x.org", "graniteLake"),
        ("shell", "htpasswd -b users me graniteLake", "graniteLake"),
        ("shell", "htpasswd -nbB me graniteLake >> users", "graniteLake"),
        ("shell", "openssl enc -aes-256-cbc -pass pass:graniteLake -in x", "graniteLake"),
        ("shell", 'echo "graniteLake" | docker login -u me --password-stdin', "graniteLake"),
        ("shell", "echo graniteLake | sudo -S apt update", "graniteLake"),
        ("shell", "TOKEN=${TOKEN:-8f3kd02lsk29fjw08f3kd02lsk29fjw0}", "8f3kd02lsk29fjw0"),
        (None, "db.x=${db.password:gr4niteLake}", "gr4niteLake"),
        ("java", '@Value("${mail.password:gr4niteLake}") String p;', "gr4niteLake"),
        ("ruby", "http.basic_auth 'svc', 'gr4niteLake'", "gr4niteLake"),
        ("c#", 'var c = new NetworkCredential("svc", "gr4niteLake");', "gr4niteLake"),
        ("php", '<?php $db = new mysqli(env("H"), "svc", "gr4niteLake", "shop");', "gr4niteLake"),
        ("java", 'getConnection(url, "svc", "gr4niteLake");', "gr4niteLake"),
        ("c", 'mysql_real_connect(c, "h", "svc", "gr4niteLake", "db", 0, 0, 0);', "gr4niteLake"),
        ("go", 'sql.Open("mysql", "svc:gr4niteLake@tcp(db:3306)/shop")', "gr4niteLake"),
        ("kotlin", 'keyPassword("gr4niteLake")', "gr4niteLake"),
        (None, "storePassword 'gr4niteLake'", "gr4niteLake"),
        ("javascript", f'twilio("AC{"6a1f" * 8}", "0f3ad02b1ce29f0d8f3ad02b1ce29f0d")', "0f3ad02"),
        ("python", 'PASS_PHRASE = """gr4niteLake"""', "gr4niteLake"),
        ("rust", 'let pass = String::from("gr4niteLake");', "gr4niteLake"),
        ("rust", 'let secret = r#"8f3kd02lsk29fjw0"#;', "8f3kd02lsk29fjw0"),
        ("lua", "token = [[8f3kd02lsk29fjw0]]", "8f3kd02lsk29fjw0"),
        ("php", "<?php define('NONCE_SALT', 'k9 x{2-w$a}c=[q+8e!b1~@zn#r5u&y^3o*l6(t');", "r5u&y"),
        ("javascript", "const secret = process.env.SECRET || '8f3kd02lsk29fjw0';", "8f3kd02l"),
        ("c", 'char auth_token[33] = "8f3kd02lsk29fjw0";', "8f3kd02lsk29fjw0"),
        ("c#", 'class A { public string ApiToken { get; set; } = "8f3kd02lsk29fjw0"; }', "8f3kd0"),
        ("xml", '<property name="db.password">gr4niteLake</property>', "gr4niteLake"),
        (None, '$p = ConvertTo-SecureString "graniteLake" -AsPlainText', "graniteLake"),
        ("python", f"HOOK = 'https://discord.com/api/webhooks/{DISCORD}'", DISCORD),
        ("markdown", "Log in as `svc` with password `gr4niteLake`.", "gr4niteLake"),
        ("markdown", "The initial password is gr4ni^teL4ke.", "gr4ni^teL4ke"),
        ("markdown", "| user | password |\n|------|------|\n| svc | gr4niteLake |", "gr4niteLake"),
    ],
)  # fmt: skip
def test_a_secret_goes_whatever_the_form(language: str | None, line: str, secret: str) -> None:
    assert secret not in redact(f"{line}\n", language).text
    if not line.startswith('"""'):  # a prompt's lines are looked at one by one
        assert secret not in without_secrets(f"{line}\n", language)


@pytest.mark.parametrize(
    "line",
    [
        "password: ${DB_PASSWORD}",
        "password: changeme",
        "password: <password1>",
        "password: xxxx1xxxx",
        "password: str",
        "password: string",
        "password: Passwort",
        "password: Passwort eingeben 2",
        "password: {type: string, minLength: 8}",
        "password: {{ .Values.db.password1 }}",
        "password: {{ .Values.x2 | quote }}",
        "password: true",
        "password: 12345678",
        "password: null",
        "password: ~",
        "password: &anchor1",
        "password: *alias01",
        "password: *database_login_2",
        "password: !Secret2Reference",
        "password: !vault1",
        "password: |",
        "password: password1",
        "password: db_password2",
        "password: $DB_PASS1",
        "password: os.environ['PASS1']",
        "password: config.password1",
        "password: /run/secrets/db1",
        "password: get_password1()",
        "password_file: secrets/file1.txt",
        "token: kube-token-v2",
        "secretName: my-tls-secret1",
        "secret: my-tls-cert-2",
        "--secret=projects/my-project/secrets/my-secret/versions/1",
        "token: secrets.GITHUB_TOKEN2",
        "tokenizer: gpt2-tokenizer1",
        "api_key: sha256:0a1b2c3d4e5f",
        "token: !Ref Token1",
        "POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-x1}",
        "POSTGRES_PASSWORD=$1",
        "export TOKEN=$(cat /run/secrets/token1)",
        "export TOKEN=`gettoken1`",
        "ENV PASSWORD_LENGTH 16",
        "ENV DB_PASSWORD $DB_PASSWORD2",
        "curl -u user:pass https://x.org",
        "curl -u user:$TOKEN1 https://x.org",
        "curl -u ${USER}:${TOKEN1} https://x.org",
        "mysql -u root -p main",
        "mysql -u root -p$PASSWORD1 main",
        "mkdir -p pa55word/x1",
        "Authorization: Bearer <token1>",
        "Authorization: Bearer YOUR_TOKEN_1234567",
        "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
        "xoxb-your-token-goes-here-please-and-nowhere-else1",
        "ghp_test1234567890abcdefghijklmnopqrstuv",
        "bypass: x1y2z3",
        "<password>${db.password1}</password>",
        "pass: 12ms",
        "- name: DB_PASSWORD\n  value: ${DB_PASSWORD2}",
        "- name: DB_PASSWORD\n  value: changeme",
        "- name: DB_PASSWORD_FILE\n  value: gr4niteLake",
        "- name: DB_HOST\n  value: db-main-2a",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db1, key: password1}",
        'variable "password_length" {\n  default = "gr4niteLake"\n}',
        "TOKEN=${TOKEN:-$OTHER_TOKEN1}",
        "TOKEN=${TOKEN:-your-token-goes-here-1}",
        "x=${db.password:changeme}",
        "kubectl create secret generic x --from-literal=password=$PASSWORD1",
        "wget --password=PASSWORD https://x.org",
        "htpasswd -c users me",
        "openssl rsa -passin env:PASS1 -in x",
        "cat token1.txt | docker login -u me --password-stdin",
        'echo "$TOKEN1" | docker login -u me --password-stdin',
        '"auth": "OAuth2ClientCredentials1"',
        "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Authorization: Basic dXNlcjpwYXNz",
        "basic_auth 'user', 'password1'",
        "<property name='db.password'>${db.password1}</property>",
        "Your password is SHA256-hashed.",
        "The password is Base64-encoded, as in OAuth2.",
        "with password `sha256_crypt`",
        "| user | password |\n|------|------|\n| name1 | string1 |\n| Name2 | 1.2.3 |",
        "| option | default |\n|------|------|\n| salt | gr4niteLake |",
    ],
)
@pytest.mark.parametrize("language", ["yaml", "shell", None])
def test_what_only_looks_like_a_value_stays(language: str | None, line: str) -> None:
    assert find_spans(f"{line}\n", language) == []


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("python", "password: Sha256Password"),
        ("python", "login(password=hunter2secret)"),
        ("python", "token = token1 if password == hunter2secret else x25519"),
        ("python", "def f(password: hunter2secret, api_token: Oauth2Token) -> None: ..."),
        ("python", "get(u, auth=(user1, password1))"),
        ("python", 'get(u, auth=("user", "pass"))'),
        ("python", 'fields = ["password", "password2"]'),
        ("typescript", 'const NEW_PASSWORD_REQUIRED_V2 = "FlowNewPasswordRequiredResultV2";'),
        ("typescript", 'export const SIGNIN_TOKEN = "/oauth2/v2.0/token";'),
        ("typescript", 'const RESET_PWD_POLL = "/resetpassword/v1.0/poll_completion";'),
        ("javascript", 'key = "-----BEGIN PRIVATE KEY-----\\nXXXX\\n-----END PRIVATE KEY-----"'),
        ("typescript", "// Prints https://abc:123@example.com/"),
        ("python", 'Pass(pass_name="b2b_gemm_pass")'),
        ("python", """token = r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+" """),
        ("python", "names = ['sodium_crypto_secretstream_xchacha20poly1305_keygen']"),
        ("python", 'url = "https://foo.com:123,foo:bar@bar.com/path"'),
        ("python", 'url = "github://org:repo@sha/path"'),
        ("python", 'url = "http://evil:thing@example.com"'),
        ("python", 'url = "smb://myuser:mypassword@myserver.com/"'),
        ("javascript", "store.setItem('token', 'jwt_abc123');"),
        ("perl", "# default login anonymous password user@site"),
        ("python", 'add_argument("--password", "-p", help="x1")'),
        ("python", 'os.getenv("API_TOKEN", "your-token-1")'),
        ("typescript", "password: Sha256Password;"),
        ("typescript", "interface A { password: Hunter2Secret, apiToken: Oauth2Token }"),
        ("javascript", "f({ password: hunter2secret, api_token: oauth2.token1 });"),
        ("c", "password = hunter2secret;"),
        ("javascript", "const s = `${token:x25519key} ${secret-offset1}`;"),
        ("lua", "password = M[[1]]"),
        ("rust", "let pass = String::from(password1);"),
        ("php", "new mysqli('localhost', 'user', $password, 'db1_main');"),
        ("java", 'getConnection(url, "sa1", config.password1);'),
        ("python", 'connect = MySQLdb.connect("host1", "user1", password1, "shop2db")'),
        ("javascript", "Buffer.from('data:image/png;base64,iVBORw0KGgo1', 'utf8')"),
        ("javascript", "const token = next() || 'identifier';"),
    ],
)
def test_in_code_a_bare_word_is_a_variable_or_a_type(language: str, line: str) -> None:
    assert find_spans(f"{line}\n", language) == []


# --- how it is replaced ----------------------------------------------------------------------


def test_a_key_that_is_longer_than_its_pattern_goes_as_a_whole() -> None:
    key = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc" * 3
    assert redact(f"pay({key!r})\n", "python").text.startswith("pay('redacted_key_")
    assert "dp7dc" not in redact(f"pay({key!r})\n", "python").text


def test_data_that_happens_to_spell_a_key_stays() -> None:
    line = f"x = '{'QkFzZTY0' * 9}AKIAQ2Z7W1X5V8R3T6YP{'QkFzZTY0' * 9}'\n"
    assert find_spans(line, "javascript") == []


def test_a_secret_goes_from_every_place_of_its_file_by_one_stand_in() -> None:
    text = (
        'DB_PASSWORD = "gr4niteLake"\nURL = "pg://me:gr4niteLake@db/x"\ncheck("gr4niteLake")\n'
        "gr4niteLakes = 1\n"
    )
    first, second, third, other = redact(text, "python").text.splitlines()
    stand_in = first.split('"')[1]
    assert second == f'URL = "pg://me:{stand_in}@db/x"'
    assert third == f'check("{stand_in}")'
    assert other == "gr4niteLakes = 1"


def test_a_password_that_is_a_name_as_well_goes_only_where_it_is_one() -> None:
    redacted = redact('password = "password1"\npassword1 = check()\n', "python").text
    assert redacted.splitlines()[1] == "password1 = check()"
    assert '"password1"' not in redacted


@pytest.mark.parametrize("password", ["gr4n@ite9", "gr4nite9", "p@ss:9w@rd"])
def test_of_a_password_in_an_address_all_goes_and_the_host_stays(password: str) -> None:
    redacted = redact(f'URL = "postgres://svc:{password}@db.firm.com/main"\n', "python").text
    assert redacted.startswith('URL = "postgres://svc:redacted_password_')
    assert redacted.endswith('@db.firm.com/main"\n')
    assert redacted.count("@") == 1


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    ["password: " * 5_000, "curl -u " * 5_000, "password='" + "\\'" * 50_000, "ENV " * 20_000,
     "auth=('" * 10_000, "token=a" * 10_000, "{password: a, " * 5_000, "mysql -p" * 8_000,
     "name: token\n" * 1_000 + "value: a", "| password\n|--|--|\n" * 1_000, "value: " * 3_000,
     'variable "token" {default = "' * 500, "echo a | " * 2_000, "Basic " * 3_000,
     "mysqli('a'," * 2_000],
)  # fmt: skip
def test_hostile_lines_end(text: str) -> None:
    assert isinstance(find_spans(text), list)
