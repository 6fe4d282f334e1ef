"""Handshakes of real clients with a real server."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from cryptography import x509

from exporter.configuration import ConfigurationError
from exporter.web.refusals import Reason
from exporter.web.web_configuration import WebConfiguration
from tests.end_to_end.world import eventually
from tests.exporter.web.certificates import HOST, Authority, Pair
from tests.exporter.web.served import DEADLINE, Served, client_of, served

TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
MUTUAL = TLS + "  client_ca_file: ca.crt\n  client_auth_type: {kind}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture(scope="module", autouse=True)
def server_pair(authority: Authority) -> Pair:
    return authority.sign("server")


@pytest.fixture(scope="module")
def client_pair(authority: Authority) -> Pair:
    names = (x509.DNSName("prometheus.example"), x509.IPAddress(ipaddress.ip_address("2001:db8::1")))
    more = (x509.RFC822Name("ops@example.org"), x509.UniformResourceIdentifier("spiffe://example/prometheus"))
    return authority.sign("client", *names, *more)


@pytest.fixture(scope="module")
def stranger(folder: Path) -> Pair:
    (folder / "others").mkdir()
    return Authority(folder / "others", "elsewhere").sign("stranger")


def write(folder: Path, text: str) -> Path:
    file = folder / "web.yml"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def plain_tls(folder: Path, authority: Authority) -> Iterator[Served]:
    del authority
    with served(write(folder, TLS), request_seconds=1.0) as found:
        yield found


def is_refused(found: Served, tls: ssl.SSLContext) -> bool:
    """Whether a client gets no answer: with TLS 1.3 it hears of that only when it reads."""
    try:
        found.ask(tls=tls)
    except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected):
        return True
    return False


def test_scrapes_are_served_over_tls(plain_tls: Served, authority: Authority) -> None:
    assert plain_tls.ask(tls=client_of(authority)).status == 200


def test_one_connection_serves_several_scrapes_and_speaks_http_1(plain_tls: Served, authority: Authority) -> None:
    context = client_of(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(plain_tls.connect(), server_hostname=HOST) as client:
        assert client.selected_alpn_protocol() == "http/1.1"
        assert client.version() == "TLSv1.3"
        for _ in range(3):
            client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while not answer.endswith(b"Healthy.\n"):
                answer += client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_request_in_one_packet_with_the_end_of_the_handshake_is_not_lost(
    plain_tls: Served, authority: Authority
) -> None:
    """By hand, since a socket would send them apart."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_of(authority).wrap_bio(incoming, outgoing, server_hostname=HOST)
    with plain_tls.connect() as connection:
        done = False
        while not done:
            try:
                client.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                packet = connection.recv(65536)
                assert packet, "the server has closed the connection"
                incoming.write(packet)
        client.write(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        connection.sendall(outgoing.read())
        answer = b""
        while not answer.endswith(b"Healthy.\n"):
            try:
                part = client.read()
                assert part, answer
                answer += part
            except ssl.SSLWantReadError:
                packet = connection.recv(65536)
                assert packet, answer
                incoming.write(packet)


def test_who_speaks_plain_http_is_told(plain_tls: Served) -> None:
    before = plain_tls.refused(Reason.HANDSHAKE)
    response = plain_tls.ask()
    assert response.status == 400
    assert b"HTTPS" in response.body  # type: ignore[attr-defined]
    assert plain_tls.refused(Reason.HANDSHAKE) == before + 1


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00"])
def test_a_client_that_never_ends_its_handshake_is_closed_in_time(plain_tls: Served, said: bytes) -> None:
    before = plain_tls.refused(Reason.SLOW)
    with plain_tls.connect() as client:
        client.sendall(said)
        with suppress(ConnectionResetError):
            assert client.recv(100) == b""
    eventually(lambda: plain_tls.refused(Reason.SLOW) == before + 1, "it is counted")


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01\x00", b"\x16\x03\x01\x00\x05hello"])
def test_a_client_that_leaves_in_the_middle_is_forgotten(
    plain_tls: Served, said: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with plain_tls.connect() as client:
        client.sendall(said)
    eventually(lambda: not plain_tls.server._uvicorn.server_state.connections, "it is forgotten")
    assert caplog.records == []


def test_a_thousand_silent_clients_leave_scrapes_answered(plain_tls: Served, authority: Authority) -> None:
    with ExitStack() as stack:
        for number in range(1000):
            client = stack.enter_context(plain_tls.connect())
            if number % 3 == 0:
                client.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert plain_tls.seconds(client_of(authority)) < 1
        # On a busy machine some are late before there is a crowd, and some are not even seen yet.
        eventually(lambda: plain_tls.refused(Reason.CROWDED) + plain_tls.refused(Reason.SLOW) >= 700, "a crowd")


def test_versions_before_1_2_are_not_spoken(plain_tls: Served, authority: Authority) -> None:
    context = client_of(authority)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    assert is_refused(plain_tls, context)


def test_a_client_certificate_can_be_demanded(
    folder: Path, authority: Authority, client_pair: Pair, stranger: Pair
) -> None:
    for kind, without in (("RequireAndVerifyClientCert", False), ("VerifyClientCertIfGiven", True)):
        with served(write(folder, MUTUAL.format(kind=kind))) as found:
            assert found.status(tls=client_of(authority, client_pair)) == 200
            assert is_refused(found, client_of(authority, stranger))
            assert is_refused(found, client_of(authority)) is not without
            # The client may hear of it first.
            eventually(lambda: found.refused(Reason.HANDSHAKE) == 1 + (not without), "both are counted")  # noqa: B023 - asked for at once


@pytest.mark.parametrize("kind", ["RequireAnyClientCert", "RequireClientCert"])
def test_any_certificate_has_to_be_one_that_is_verified(
    folder: Path, authority: Authority, client_pair: Pair, stranger: Pair, kind: str
) -> None:
    with served(write(folder, MUTUAL.format(kind=kind))) as found:
        assert found.status(tls=client_of(authority, client_pair)) == 200
        assert is_refused(found, client_of(authority, stranger))
        assert is_refused(found, client_of(authority))


@pytest.mark.parametrize(
    ("name", "is_let_in"),
    [
        ("prometheus.example", True),
        ("2001:db8::1", True),
        ("ops@example.org", True),
        ("spiffe://example/prometheus", True),
        ("client", False),
        ("example", False),
        ("Prometheus.example", False),
    ],
)
def test_a_certificate_needs_one_of_the_names(
    folder: Path, authority: Authority, client_pair: Pair, name: str, is_let_in: bool
) -> None:
    text = MUTUAL.format(kind="RequireAndVerifyClientCert") + f'  client_allowed_sans: [somebody.else, "{name}"]\n'
    with served(write(folder, text)) as found:
        assert is_refused(found, client_of(authority, client_pair)) is not is_let_in


def test_no_name_at_all_lets_nobody_in(folder: Path, authority: Authority, client_pair: Pair) -> None:
    text = MUTUAL.format(kind="RequireAndVerifyClientCert") + "  client_allowed_sans: []\n"
    with served(write(folder, text)) as found:
        assert is_refused(found, client_of(authority, client_pair))


def test_versions_suites_and_the_curve_are_those_that_were_asked_for(folder: Path, authority: Authority) -> None:
    text = (
        TLS
        + "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "
        + "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n"
        + "  curve_preferences: [CurveP384]\n"
    )
    for preferred, expected in ((True, "ECDHE-ECDSA-AES256-GCM-SHA384"), (False, "ECDHE-ECDSA-AES128-GCM-SHA256")):
        file = write(folder, f"{text}  prefer_server_cipher_suites: {str(preferred).lower()}\n")
        with served(file) as found:
            context = client_of(authority)
            context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
            with context.wrap_socket(found.connect(), server_hostname=HOST) as client:
                assert client.version() == "TLSv1.2"
                assert (client.cipher() or ("",))[0] == expected
            context.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")
            assert is_refused(found, context)
            other_curve = client_of(authority)
            other_curve.set_ecdh_curve("prime256v1")
            assert is_refused(found, other_curve)


def test_certificates_may_stand_in_the_file_itself(folder: Path, authority: Authority, client_pair: Pair) -> None:
    texts = {"cert": folder / "server.crt", "key": folder / "server.key", "client_ca": authority.file}
    lines = ["tls_server_config:", "  client_auth_type: RequireAndVerifyClientCert"]
    for key, file in texts.items():
        lines += [f"  {key}: |", *(f"    {line}" for line in file.read_text().splitlines())]
    with served(write(folder, "\n".join(lines))) as found:
        assert found.status(tls=client_of(authority, client_pair)) == 200
        assert is_refused(found, client_of(authority))


def test_the_server_ends_in_time_with_handshakes_under_way(folder: Path) -> None:
    with served(write(folder, TLS)) as found, ExitStack() as stack:
        clients = [stack.enter_context(found.connect()) for _ in range(20)]
        for client in clients[::2]:
            client.sendall(b"\x16\x03\x01\x02\x00\x01")
        eventually(lambda: len(found.server._uvicorn.server_state.connections) == 20, "all are there")
        found.server.stop()
        assert not found.server._thread or not found.server._thread.is_alive()
        for client in clients:
            client.settimeout(DEADLINE)
            with suppress(ConnectionResetError):
                assert client.recv(10) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, found.port), timeout=DEADLINE)


@pytest.mark.parametrize(
    ("name", "spoil", "reason"),
    [
        ("server.key", "other", "the key is not that of the certificate"),
        ("server.key", "encrypted", "the key is encrypted"),
        ("server.key", "missing", "No such file or directory"),
        ("server.crt", "empty", "hold no certificate and key in PEM format"),
        ("server.crt", "binary", "hold no certificate and key in PEM format"),
        ("ca.crt", "empty", "holds no certificates in PEM format"),
        ("ca.crt", "binary", "holds no certificates in PEM format"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_file_and_nothing_of_it(
    tmp_path: Path, name: str, spoil: str, reason: str
) -> None:
    authority = Authority(tmp_path)
    authority.sign("server")
    file = tmp_path / name
    if spoil == "other":
        file.write_bytes(authority.sign("another").key.read_bytes())
    elif spoil == "encrypted":
        file.write_bytes(authority.sign("another", password=b"secret").key.read_bytes())
    elif spoil == "missing":
        file.unlink()
    else:
        file.write_bytes(b"" if spoil == "empty" else b"\xff\x00secret")
    config = write(tmp_path, MUTUAL.format(kind="RequireAndVerifyClientCert"))
    with pytest.raises(ConfigurationError) as error:
        WebConfiguration(config)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{config}:1:1: tls_server_config: ")
    assert name in line
    assert reason in line
    assert "secret" not in line
