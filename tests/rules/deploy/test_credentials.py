from __future__ import annotations

from pathlib import Path

import pytest
import requests

from rules.deploy.credentials import Credentials, Source, address
from rules.deploy.failure import DeployError, Exit


def header(credentials: Credentials) -> str | None:
    request = requests.Request("GET", "http://127.0.0.1").prepare()
    value = credentials(request).headers.get("Authorization")
    return None if value is None else str(value)


def test_secrets_come_from_files_and_variables(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(" abc\n")
    assert Source(tmp_path / "token").secret() == "abc"
    assert Source(variable="TOKEN").secret({"TOKEN": "xyz\n"}) == "xyz"
    assert Source().secret() is None
    assert header(Credentials("abc")) == "Bearer abc"
    assert header(Credentials(None, "u", "p")) == "Basic dTpw"
    assert header(Credentials()) is None


@pytest.mark.parametrize("text", ["", "\n", "a\nX-Evil: 1", "a\x00b"])
def test_an_unsound_secret_is_refused_and_not_shown(text: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(text)
    with pytest.raises(DeployError) as caught:
        Source(tmp_path / "token").secret()
    assert caught.value.code is Exit.USAGE
    assert "Evil" not in str(caught.value)


@pytest.mark.parametrize("source", [Source(Path("/no/such/file")), Source(variable="NO_SUCH_VARIABLE")])
def test_a_missing_secret_is_named(source: Source) -> None:
    with pytest.raises(DeployError, match=r"/no/such/file|NO_SUCH_VARIABLE"):
        source.secret({})


@pytest.mark.parametrize("words", [{"token": "t", "user": "u"}, {"user": "u"}, {"password": "p"}])
def test_half_of_a_pair_is_refused(words: dict[str, str]) -> None:
    with pytest.raises(DeployError, match="user"):
        Credentials(**words)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://u:p@127.0.0.1", "--password-file"),
        ("127.0.0.1:9090", "no address"),
        ("ftp://h", "no address"),
        ("http://h/?a=1", "no address"),
        ("http://[::1", "--url"),
        ("http://prometheus:9090", "unencrypted"),
        ("http://localhost.example.com", "unencrypted"),
        ("http://127.example.com", "unencrypted"),
    ],
)
def test_addresses_that_are_refused(url: str, message: str) -> None:
    with pytest.raises(DeployError, match=message) as caught:
        address(url, Credentials("t"))
    assert caught.value.code is Exit.USAGE


def test_addresses_that_are_taken() -> None:
    assert address("http://127.0.0.1:9090/", Credentials("t")) == "http://127.0.0.1:9090"
    assert address("http://[::1]:9090", Credentials("t")) == "http://[::1]:9090"
    assert address("http://localhost:9090", Credentials("t")) == "http://localhost:9090"
    assert address("https://prometheus/path/", Credentials("t")) == "https://prometheus/path"
    assert address("http://prometheus:9090", Credentials()) == "http://prometheus:9090"
    assert address("http://prometheus:9090", Credentials("t"), plain_http=True) == "http://prometheus:9090"
