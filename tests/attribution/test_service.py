"""The HTTP service: what it answers, what it refuses, and a page that trusts nobody."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from attribution.commands.serving import Serve
from attribution.query import STOPPED
from inkling.errors import InklingError
from tests.attribution.samples import CANARY, OWN_CODE, renamed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient

pytest.importorskip("fastapi")
pytest.importorskip("httpx")

EVIL = "../../etc/<img src=x onerror=alert(1)>.py"


@pytest.fixture
def folder(index_of: Callable[..., Path]) -> Path:
    from curation.corpus import TRAIN
    from tests.evaluation.corpus_fixture import document

    return index_of([document(CANARY, "alice/a", EVIL, TRAIN)])


@pytest.fixture
def opt_out(tmp_path: Path) -> Path:
    return tmp_path / "opt-out.txt"


@pytest.fixture
def client(folder: Path, opt_out: Path) -> TestClient:
    from fastapi.testclient import TestClient

    from attribution.service.app import create_app

    return TestClient(create_app(folder, opt_out), base_url="http://localhost")


def ask(client: TestClient, text: str, **more: str) -> dict[str, Any]:
    response = client.post("/v1/attribution", json={"text": text, "language": "python", **more})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_copy_is_answered_with_its_source_beside_it(client: TestClient) -> None:
    report = ask(client, "mine = 1\n" + CANARY)
    (found,) = report["findings"]
    assert (found["kind"], found["tier"], found["firstLine"]) == ("exact", "strong", 2)
    (source,) = found["sources"]
    assert source["repo"] == "alice/a"
    assert source["text"] == CANARY.rstrip("\n")
    assert ask(client, renamed(CANARY))["findings"][0]["kind"] == "renamed copy"
    assert ask(client, OWN_CODE)["clean"] is True
    by_name = client.post("/v1/attribution", json={"text": CANARY, "path": "x.py"}).json()
    assert by_name["language"] == "python"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": 5},
        {"text": "x", "language": "klingon"},
        {"text": "x", "tier": "loud"},
        {"text": "x", "path": "y" * 2000},
        {"text": "x", "sources": 0},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    client: TestClient, body: dict[str, object]
) -> None:
    assert client.post("/v1/attribution", json=body).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/removals", r'{"rule": "repo caf\ud800"}'),
        ("/v1/attribution", r'{"text": "x", "path": "\ud800.py"}'),
        ("/v1/attribution", r'{"text": "x", "language": "\ud800"}'),
        ("/v1/attribution", r'{"path": "\ud800.py"}'),
        ("/v1/attribution", r'{"\ud800": "\ud800"}'),
    ],
)
def test_half_a_character_in_a_name_is_refused_in_words(
    client: TestClient, opt_out: Path, path: str, body: str
) -> None:
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["detail"].startswith("The question makes no sense: ")
    assert not opt_out.exists()


def test_a_refusal_does_not_repeat_what_was_sent(client: TestClient) -> None:
    response = client.post("/v1/removals", json={"rule": "repo " + "x" * 100_000})
    assert response.status_code == 422
    assert len(response.content) < 200


@pytest.mark.parametrize(
    ("text", "clean"), [("", True), ("\0\0\0", False), ("\ud800 lone", False), ("é" * 10, True)]
)
def test_empty_and_binary_texts_are_answered(client: TestClient, text: str, clean: bool) -> None:
    escaped = "".join(f"\\u{ord(character):04x}" for character in text)
    raw = f'{{"language": "python", "text": "{escaped}"}}'
    response = client.post(
        "/v1/attribution", content=raw, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 200
    assert response.json()["clean"] is clean


@pytest.mark.e2e
def test_five_megabytes_of_copies_are_checked(client: TestClient) -> None:
    """Every one of thousands of findings has its lines, and none is searched for from the top."""
    copies = "".join(f"{CANARY}unseen_{n} = {n}\n" for n in range(5_000_000 // len(CANARY)))
    report = ask(client, copies)
    assert report["findings"]
    if report["unchecked"]:  # on a slow machine: ended in time, and said so
        assert report["unchecked"] == [STOPPED]
    else:
        assert report["findings"][-1]["lastLine"] > copies.count("\n") - CANARY.count("\n")


@pytest.mark.e2e
def test_five_megabytes_are_checked(client: TestClient) -> None:
    large = "".join(f"unseen_{n}({n})\n" for n in range(240_000)) + CANARY
    assert 4_500_000 < len(large) < 6_000_000
    assert len(ask(client, large)["findings"]) == 1


@pytest.mark.parametrize("sign", ['"', "é", "石", "𝕏", "\n"])
def test_five_megabytes_fit_however_they_are_escaped(client: TestClient, sign: str) -> None:
    """Asked with a language that isn't one, so that only the size is judged."""
    text = sign * (5_000_000 // len(sign.encode()))
    content = json.dumps({"text": text, "language": "klingon"})  # all beyond ASCII as \uXXXX
    response = client.post(
        "/v1/attribution", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    assert "Choose a language" in response.json()["detail"]


def test_seventeen_megabytes_are_refused_with_or_without_a_length(client: TestClient) -> None:
    for content in (b" " * 17_000_000, (b" " * 1_000_000 for _ in range(17))):
        response = client.post("/v1/attribution", content=content)
        assert (response.status_code, response.json()["detail"]) == (
            413,
            "Send at most 16,000,000 bytes.",
        )


@pytest.mark.e2e
def test_many_requests_at_once_are_all_answered(client: TestClient) -> None:
    with ThreadPoolExecutor(32) as pool:
        texts = [CANARY if n % 2 else OWN_CODE for n in range(1000)]
        clean = list(pool.map(lambda text: ask(client, text)["clean"], texts))
    assert clean == [not n % 2 for n in range(1000)]


def test_am_i_in_the_index(client: TestClient) -> None:
    found = client.get("/v1/repositories", params={"query": "ALICE"}).json()
    assert found["total"] == 1
    assert found["repositories"][0]["repo"] == "alice/a"
    assert client.get("/v1/repositories", params={"query": "bob"}).json()["total"] == 0


def test_a_repository_in_a_part_that_cannot_be_read_is_not_simply_absent(
    client: TestClient, folder: Path
) -> None:
    """Neither is the file read on whose rest is gone, which would end the process."""
    assert not ask(client, CANARY)["clean"]
    (text,) = folder.glob("segments/*/text.bin")
    os.truncate(text, 0)
    found = client.get("/v1/repositories", params={"query": "alice"}).json()
    assert found["total"] == 0
    assert "text.bin is missing or damaged" in found["unchecked"][0]
    assert "text.bin" in ask(client, CANARY)["unchecked"][0]


def test_a_file_that_was_written_over_is_noticed_and_so_is_its_return(
    client: TestClient, folder: Path
) -> None:
    assert ask(client, CANARY)["findings"]
    (path,) = folder.glob("segments/*/text.bin")
    whole = path.read_bytes()
    path.write_bytes(bytes([*whole[:9], whole[9] ^ 1, *whole[10:]]))
    until(lambda: "text.bin is missing or damaged" in str(ask(client, CANARY)["unchecked"]))
    path.write_bytes(whole)
    until(lambda: ask(client, CANARY)["findings"] and not ask(client, CANARY)["unchecked"])


def until(is_true: Callable[[], object]) -> None:
    """What follows in the background takes a moment."""
    deadline = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_request_for_removal_goes_onto_the_list_once(client: TestClient, opt_out: Path) -> None:
    opt_out.write_text("# by mail\nowner bob")
    for rule in ("repo Alice/a", "repo alice/a", "owner carol"):
        assert client.post("/v1/removals", json={"rule": rule}).status_code == 202
    assert opt_out.read_text() == "# by mail\nowner bob\nrepo alice/a\nowner carol\n"
    for bad in ("everything", "repo a\nowner b", "owner x\x85owner y"):
        assert client.post("/v1/removals", json={"rule": bad}).status_code == 422
    assert opt_out.read_text().count("\n") == 4


def test_it_follows_a_changed_index_and_survives_a_broken_one(
    client: TestClient, folder: Path
) -> None:
    from attribution.forgetting import forget
    from inkling.optout import parse_list

    assert ask(client, CANARY)["findings"]
    manifest = (folder / "index.json").read_bytes()
    (folder / "index.json").write_text("{")
    assert ask(client, CANARY)["findings"]
    (folder / "index.json").write_bytes(manifest)
    forget(folder, parse_list("owner alice"))
    report = ask(client, CANARY)
    assert report["findings"] == []
    assert report["removed"]
    assert client.get("/v1/status").json()["documents"] == 0


def test_no_web_page_reaches_it_under_another_name(client: TestClient) -> None:
    assert client.get("/v1/status", headers={"Host": "evil.example"}).status_code == 400


def test_the_page_comes_from_here_alone_and_shows_names_as_text(client: TestClient) -> None:
    for path in ("/", "/page.js", "/page.css"):
        response = client.get(path)
        assert response.status_code == 200
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert not re.search(r"https?://|//[a-z]+\.", response.text)
        for markup in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "style="):
            assert markup not in response.text
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404
    assert client.get("/page/../app.py").status_code == 404


@pytest.mark.parametrize(
    "path", ["/../app.py", "/..%2Fapp.py", "/%2e%2e/app.py", "/page/../../app.py", "/etc/passwd"]
)
def test_no_path_leads_out_of_the_page(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_beyond_this_machine_it_wants_a_key_and_limits_the_rate(
    folder: Path, opt_out: Path
) -> None:
    from fastapi.testclient import TestClient

    from attribution.service.app import create_app
    from attribution.service.guard import RateLimit

    app = create_app(folder, opt_out, key="sesame", limit=RateLimit(3), hosts=("*",))
    stranger = TestClient(app, base_url="http://example.org")
    assert stranger.get("/").status_code == 200  # the page itself is no secret
    assert stranger.get("/v1/status").status_code == 401
    wrong = {"Authorization": "Bearer sesam"}
    assert stranger.get("/v1/status", headers=wrong).status_code == 401
    key = {"Authorization": "Bearer sesame"}
    assert stranger.get("/v1/status", headers=key).status_code == 200
    refused = stranger.get("/v1/status", headers=key)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert stranger.get("/page.js").status_code == 200  # a page alone is no question


def test_the_rate_limit_refills_and_forgets() -> None:
    from attribution.service.guard import RateLimit

    limit = RateLimit(60)
    assert [limit.allows("a", 0.0) for _ in range(61)] == [True] * 60 + [False]
    assert limit.allows("b", 0.0)
    assert limit.allows("a", 1.0)
    assert not limit.allows("a", 1.0)
    for number in range(20_000):
        limit.allows(str(number), 2.0)
    assert len(limit.buckets) <= 10_000


def test_it_does_not_listen_beyond_this_machine_without_a_key(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INKLING_API_KEY", raising=False)
    for host in ("0.0.0.0", "192.168.1.5", "example.org", "::"):
        with pytest.raises(InklingError, match="needs a key"):
            Serve(folder, host=host).run()


def test_a_port_that_is_taken_is_refused(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InklingError, match=f"can't listen on 127.0.0.1, port {port}"):
            Serve(folder, port=port).run()


@pytest.mark.parametrize("port", [-1, 0, 65_536, 99_999])
def test_a_port_that_there_is_not_is_refused(folder: Path, port: int) -> None:
    with pytest.raises(InklingError, match=f"There is no port {port}"):
        Serve(folder, port=port).run()


def test_an_index_of_another_corpus_than_the_models_is_said(folder: Path, opt_out: Path) -> None:
    from fastapi.testclient import TestClient

    from attribution.service.app import create_app

    (corpus,) = json.loads((folder / "index.json").read_bytes())["corpora"]
    for served, asked, foreign in [
        (None, {}, False),
        (corpus, {}, False),
        ("0" * 64, {}, True),
        (None, {"corpus": "0" * 64}, True),
        (corpus, {"corpus": "0" * 64}, True),
        ("0" * 64, {"corpus": corpus}, False),
    ]:
        app = create_app(folder, opt_out, corpus=served)
        report = ask(TestClient(app, base_url="http://localhost"), OWN_CODE, **asked)
        assert ("another corpus" in " ".join(report["unchecked"])) is foreign
        assert report["clean"] is not foreign


def test_the_model_that_is_named_tells_the_corpus(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import uvicorn
    from fastapi.testclient import TestClient

    from inkling.bundle import STARTER_PATH

    served: list[Any] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, **_: served.append(server.config.app))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert Serve(folder, port=port, model=str(STARTER_PATH)).run() == 0
    report = ask(TestClient(served[0], base_url="http://localhost"), OWN_CODE)
    assert "another corpus" in report["unchecked"][0]
    (tmp_path / "bare.gguf").write_bytes(b"GGUF")
    with pytest.raises(InklingError, match="doesn't say what it was trained on"):
        Serve(folder, port=port, model=str(tmp_path / "bare.gguf")).run()
