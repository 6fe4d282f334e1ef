from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
from cryptography import x509

from rules.deploy.client import Client
from rules.deploy.credentials import Credentials
from rules.deploy.failure import DeployError, Exit
from tests.exporter.web.certificates import HOST, Authority
from tests.rules.deploy.samples import Clock, client, patience
from tests.rules.deploy.stand_in import Answer, Request, Respond, serving

GOOD: Answer = (200, '{"status":"success","data":[1]}')


def scripted(*answers: Answer) -> Respond:
    left: Iterator[Answer] = chain(answers, repeat(answers[-1]))
    return lambda _: next(left)


@pytest.mark.parametrize("status", [429, 502, 503, 504, 0])
def test_what_passes_is_tried_again(status: int) -> None:
    clock = Clock()
    with serving(scripted((status, ""), (status, ""), GOOD)) as (url, got):
        assert client(url, clock).data("/x") == [1]
    assert len(got) == 3
    assert 0 < clock.paused[0] < clock.paused[1]


def test_the_server_says_how_long_to_wait() -> None:
    clock = Clock()
    with serving(scripted((429, "", {"Retry-After": "7"}), GOOD)) as (url, _):
        client(url, clock).get("/x")
    assert clock.paused == [7.0]


@pytest.mark.parametrize(("status", "code"), [(429, Exit.OVERLOADED), (503, Exit.OVERLOADED), (0, Exit.UNREACHABLE)])
def test_patience_ends(status: int, code: Exit) -> None:
    clock = Clock()
    with serving(scripted((status, "busy"))) as (url, got), pytest.raises(DeployError) as caught:
        client(url, clock).get("/x")
    assert caught.value.code is code
    assert clock.now <= 30
    assert 5 < len(got) < 30


def test_a_silent_server_is_not_waited_for_long() -> None:
    with serving(scripted((0, "silence"), GOOD)) as (url, got):
        assert client(url, request=0.1).data("/x") == [1]
    assert len(got) == 2


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(DeployError, match=r"no answer: .*refused") as caught:
        client(f"http://127.0.0.1:{port}").get("/x")
    assert caught.value.code is Exit.UNREACHABLE


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, Exit.REFUSED),
        (401, Exit.DENIED),
        (403, Exit.DENIED),
        (404, Exit.REFUSED),
        (409, Exit.REFUSED),
        (500, Exit.REFUSED),
    ],
)
def test_refusals_are_not_repeated(status: int, code: Exit) -> None:
    with serving(scripted((status, "because"))) as (url, got), pytest.raises(DeployError) as caught:
        client(url).data("/x")
    assert caught.value.code is code
    assert len(got) == 1


def test_a_token_does_not_follow_a_redirection() -> None:
    with (
        serving(scripted(GOOD)) as (elsewhere, other),
        serving(scripted((302, "", {"Location": f"{elsewhere}/x"}))) as (url, _),
        pytest.raises(DeployError, match="redirects to http"),
    ):
        Client(url, Credentials("secret"), patience=patience(Clock())).get("/x")
    assert other == []


def test_an_answer_is_quoted_without_what_was_sent() -> None:
    mine = Credentials(user="me", password="word of mine")  # noqa: S106 - of nobody

    def mirror(request: Request) -> Answer:
        return 400, f"word of mine, {request.headers['authorization']}"

    with serving(mirror) as (url, _):
        answer = Client(url, mine, patience=patience(Clock())).get("/x")
    assert answer.said == "***, Basic ***"
    assert "word" not in repr(answer).replace(repr(answer.text), "")


def test_only_our_own_credentials_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with serving(scripted(GOOD)) as (url, got):
        Client(url, patience=patience(Clock())).get("/x")
        Client(url, Credentials("mine"), patience=patience(Clock()), headers={"X-Scope-OrgID": "t"}).get("/x")
    assert [each.headers.get("authorization") for each in got] == [None, "Bearer mine"]
    assert got[1].headers["x-scope-orgid"] == "t"


@pytest.mark.parametrize("text", ["<html>", "[]", "3", "{}", '{"data":null}'])
def test_an_answer_of_something_else_is_told(text: str) -> None:
    with serving(lambda _: (200, text)) as (url, _), pytest.raises(DeployError, match="right address") as caught:
        client(url).data("/x")
    assert caught.value.code is Exit.UNREACHABLE


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.sign("server", x509.IPAddress(ipaddress.ip_address(HOST)))
    clock = Clock()
    with serving(lambda _: GOOD, (str(pair.cert), str(pair.key))) as (url, got):
        with pytest.raises(DeployError, match="--ca-file") as caught:
            client(url, clock).get("/x")
        assert Client(url, authority=str(authority.file)).data("/x") == [1]
    assert caught.value.code is Exit.UNTRUSTED
    assert clock.paused == []
    assert len(got) == 1
