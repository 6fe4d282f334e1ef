"""Files that change under a running server."""

from __future__ import annotations

import io
import logging
import os
import ssl
from pathlib import Path

import pytest

from exporter.cli import main
from exporter.commands.outcome import OK, WRONG
from exporter.configuration import ConfigurationError
from exporter.web import terms, web_configuration
from exporter.web.web_configuration import WebConfiguration
from tests.end_to_end.world import World, eventually
from tests.exporter.pipes import pipe
from tests.exporter.web.certificates import Authority
from tests.exporter.web.served import Served, basic, client_of, hash_of, served

TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key"
MUTUAL = TLS + ", client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}\n"
USERS = "basic_auth_users:\n  ada: {hash}\n"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    authority = Authority(tmp_path)
    authority.sign("server")
    return authority


def write(folder: Path, text: str) -> Path:
    """Write the configuration as a careful program does: another file takes the place of the former."""
    (folder / "new.yml").write_text(text)
    (folder / "new.yml").replace(folder / "web.yml")
    return folder / "web.yml"


def serial(found: Served, authority: Authority) -> int:
    """The number of the certificate that is served."""
    with client_of(authority).wrap_socket(found.connect(), server_hostname="127.0.0.1") as client:
        return int((client.getpeercert() or {})["serialNumber"], 16)  # type: ignore[arg-type]


def is_good(web: WebConfiguration) -> bool:
    (sample,) = web.samples()
    return sample.value == 1


def test_a_renewed_certificate_serves_the_next_client_and_the_former_ones_stay(
    tmp_path: Path, authority: Authority
) -> None:
    with served(write(tmp_path, TLS + "}")) as found:
        before = serial(found, authority)
        with client_of(authority).wrap_socket(found.connect(), server_hostname="127.0.0.1") as former:
            authority.sign("server")
            assert found.web.look()
            assert serial(found, authority) != before
            former.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
            assert former.recv(100).startswith(b"HTTP/1.1 200 ")


def test_half_a_renewal_leaves_what_was_and_the_other_half_ends_it(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with served(write(tmp_path, TLS + "}")) as found:
        before = serial(found, authority)
        renewed = authority.sign("renewed")
        renewed.cert.replace(tmp_path / "server.crt")
        assert not found.web.look()
        assert not found.web.look()
        (record,) = caplog.records
        assert "the key is not that of the certificate" in record.__dict__["fields"]["reason"]
        assert not is_good(found.web)
        assert serial(found, authority) == before
        renewed.key.replace(tmp_path / "server.key")
        assert found.web.look()
        assert is_good(found.web)
        assert serial(found, authority) != before


def test_certificates_swapped_as_kubernetes_does_it_are_seen(tmp_path: Path, authority: Authority) -> None:
    del authority
    for number in (1, 2):
        (tmp_path / f"data{number}").mkdir()
        Authority(tmp_path / f"data{number}").sign("server")
    link = tmp_path / "data"
    link.symlink_to("data1")
    text = "tls_server_config: {cert_file: data/server.crt, key_file: data/server.key}"
    with served(write(tmp_path, text)) as found:
        one, two = (ssl.create_default_context(cafile=str(tmp_path / f"data{number}/ca.crt")) for number in (1, 2))
        assert found.status(tls=one) == 200
        (tmp_path / "other").symlink_to("data2")
        (tmp_path / "other").replace(link)
        assert found.web.look()
        assert found.status(tls=two) == 200


def test_users_come_and_go_and_change_their_password(tmp_path: Path) -> None:
    with served(write(tmp_path, USERS.format(hash=hash_of("right")))) as found:
        assert [found.status(basic("ada", word)) for word in ("right", "right", "new", "")] == [200, 200, 401, 401]
        write(tmp_path, USERS.format(hash=hash_of("new")) + f"  bob: {hash_of('other')}\n")
        assert found.web.look()
        assert [found.status(basic("ada", word)) for word in ("right", "new")] == [401, 200]
        assert found.status(basic("bob", "other")) == 200
        write(tmp_path, f"basic_auth_users:\n  bob: {hash_of('other')}\n")
        assert found.web.look()
        assert found.status(basic("ada", "new")) == 401


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("basic_auth_users: [", "not valid YAML"),
        ("basic_auth_user: {}", "did you mean basic_auth_users?"),
        ("basic_auth_users:\n  ada: right\n", "must be the bcrypt hash"),
        ("", "basic_auth_users are gone, which takes effect after a restart only"),
        ("http_server_config: {http2: false}", "basic_auth_users are gone"),
    ],
)
def test_what_is_wrong_or_lets_everybody_in_leaves_what_was(
    tmp_path: Path, text: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = USERS.format(hash=hash_of("right"))
    with served(write(tmp_path, good)) as found:
        caplog.clear()
        write(tmp_path, text)
        assert not found.web.look()
        assert not is_good(found.web)
        (record,) = caplog.records
        assert reason in record.__dict__["fields"]["reason"]
        assert found.status() == 401
        assert found.status(basic("ada", "right")) == 200
        write(tmp_path, good)
        assert found.web.look()
        assert is_good(found.web)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (TLS + "}", "{}", "tls_server_config is gone"),
        (
            TLS + ", client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}",
            TLS + ", client_ca_file: ca.crt, client_auth_type: VerifyClientCertIfGiven}",
            "client_auth_type asks for less",
        ),
        (
            TLS + ", client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [a]}",
            TLS + ", client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert}",
            "client_allowed_sans is gone",
        ),
    ],
)
def test_less_is_never_asked_for_without_a_restart(
    tmp_path: Path, authority: Authority, before: str, after: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    del authority
    web = WebConfiguration(write(tmp_path, before))
    former = web.terms
    write(tmp_path, after)
    assert not web.look()
    assert web.terms is former
    assert reason in caplog.records[-1].__dict__["fields"]["reason"]
    # The other way round it is taken on at once.
    web = WebConfiguration(tmp_path / "web.yml")
    write(tmp_path, before)
    assert web.look()


def test_a_file_that_is_gone_or_may_not_be_read_leaves_what_was(tmp_path: Path, authority: Authority) -> None:
    file = write(tmp_path, TLS + "}")
    with served(file) as found:
        file.rename(tmp_path / "away.yml")
        assert not found.web.look()
        assert not is_good(found.web)
        assert found.status(tls=client_of(authority)) == 200
        (tmp_path / "away.yml").rename(file)
        assert found.web.look()
        assert is_good(found.web)


def test_a_file_that_is_not_there_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        WebConfiguration(tmp_path / "web.yml")


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    with (
        pipe(tmp_path / "web.yml") as path,
        pytest.raises(ConfigurationError, match=r"web\.yml: cannot be read: is no regular file"),
    ):
        WebConfiguration(path)


@pytest.mark.parametrize("name", ["server.crt", "server.key", "ca.crt"])
def test_nor_is_a_certificate_or_key_that_is_none(tmp_path: Path, name: str) -> None:
    Authority(tmp_path).sign("server")
    file = write(tmp_path, MUTUAL)
    assert WebConfiguration(file).terms.tls is not None
    (tmp_path / name).unlink()
    with pipe(tmp_path / name), pytest.raises(ConfigurationError, match=f"{name}: cannot be read: is no regular file"):
        WebConfiguration(file)
    (tmp_path / name).unlink()
    (tmp_path / name).touch()
    os.truncate(tmp_path / name, 2**40)
    with pytest.raises(ConfigurationError, match=f"{name}: cannot be read: is larger than 1 MiB"):
        WebConfiguration(file)


def test_a_change_while_the_files_are_read_is_seen_the_next_time(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = WebConfiguration(write(tmp_path, TLS + "}"))
    read = terms.terms_of

    def renew_meanwhile(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]
        authority.sign("server")
        return found

    authority.sign("server")
    with monkeypatch.context() as patch:
        patch.setattr(web_configuration, "terms_of", renew_meanwhile)
        assert web.look()
    assert web.look()
    assert not web.look()


def test_what_has_not_changed_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web = WebConfiguration(write(tmp_path, "{}"))
    monkeypatch.setattr(web_configuration, "text_of", lambda _: pytest.fail("read"))
    assert not web.look()


def test_it_is_looked_at_all_the_time_and_an_accident_is_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = write(tmp_path, USERS.format(hash=hash_of("right")))
    web = WebConfiguration(file)
    with web.watch(0.01):
        with monkeypatch.context() as broken:
            broken.setattr(web_configuration, "terms_of", lambda _: 1 / 0)
            os.utime(file, ns=(1, 1))
            eventually(lambda: "ZeroDivisionError" in caplog.text, "the accident")
            assert not is_good(web)
        write(tmp_path, USERS.format(hash=hash_of("new")))
        eventually(lambda: is_good(web), "the change")


def test_without_a_file_there_is_nothing_to_look_at(caplog: pytest.LogCaptureFixture) -> None:
    web = WebConfiguration(None)
    with web.watch(0.01):
        assert not web.look()
    assert (web.terms.tls, web.terms.users, web.samples(), web.about()) == (None, {}, [], {})
    assert caplog.records == []


def test_check_config_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    world, stderr = World(tmp_path / "w"), io.StringIO()
    world.predict(10)
    arguments = ["check-config", f"--config.file={world.config}", f"--web.config.file={tmp_path / 'web.yml'}"]
    write(tmp_path, TLS + "}")
    assert main(arguments, io.StringIO(), stderr) == WRONG
    assert "server.crt: cannot be read" in stderr.getvalue()
    Authority(tmp_path).sign("server")
    assert main(arguments, io.StringIO(), io.StringIO()) == OK


def test_warnings_name_their_place(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = write(tmp_path, "http_server_config:\n  http2: true\n")
    with caplog.at_level(logging.WARNING):
        WebConfiguration(file)
    (record,) = caplog.records
    assert record.getMessage() == "HTTP/2 is not spoken here"
    assert record.__dict__["fields"]["file"] == f"{file}:2"
    assert record.__dict__["fields"]["key"] == "http_server_config.http2"


def test_terms_do_not_show_hashes(tmp_path: Path) -> None:
    hashed = hash_of("right")
    assert hashed not in repr(WebConfiguration(write(tmp_path, USERS.format(hash=hashed))).terms)
