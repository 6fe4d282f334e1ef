from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration import ConfigurationError
from exporter.configuration.document import read_document
from exporter.configuration.loading import validated
from exporter.web.tls_names import CIPHERS, CIPHERS_OF_TLS13
from exporter.web.web_advice import advise
from exporter.web.web_file import WebFile
from tests.end_to_end.test_prometheus import program
from tests.exporter.web.certificates import Authority

HASH = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
TLS = "tls_server_config: {cert_file: a.crt, key_file: a.key"
FULL = f"""\
tls_server_config:
  cert_file: server.crt
  key_file: /etc/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.example]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=3600
basic_auth_users:
  prometheus: {HASH}
  "1": {HASH}
rate_limit:
  interval: 100ms
  burst: 20
"""


def read(text: str) -> WebFile:
    return validated(WebFile, text, file="web.yml", folder=Path("/etc/web"), smallest="")[0]


def problems(text: str) -> list[str]:
    try:
        read(text)
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


def test_every_key_is_read_and_paths_start_at_the_files_folder() -> None:
    file = read(FULL)
    tls = file.tls_server_config
    assert tls is not None
    assert (tls.cert_file, tls.key_file) == (Path("/etc/web/server.crt"), Path("/etc/server.key"))
    assert file.basic_auth_users == {"prometheus": HASH, "1": HASH}
    assert (file.rate_limit.interval, file.rate_limit.burst) == (100_000, 20)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}", "basic_auth_users: {}", "rate_limit: {interval: 0}"])
def test_a_file_may_ask_for_nothing(text: str) -> None:
    file = read(text)
    assert file.tls_server_config is None
    assert file.basic_auth_users == {}
    assert not file.rate_limit.interval


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tls_config: {}", "1:1: tls_config: unknown key; did you mean tls_server_config?"),
        (TLS + ", cert: x}", "cert and cert_file are both there; keep one of them"),
        (TLS + ", client_auth_typ: x}", "unknown key; did you mean client_auth_type?"),
        (TLS + ", basic_auth_users: {}}", "unknown key; it belongs to the top level"),
        ("tls_server_config: {cert_file: a.crt}", "key_file is missing"),
        ("tls_server_config: {}", "cert_file is missing"),
        (TLS + ", client_auth_type: requireandverifyclientcert}", "must be one of NoClientCert"),
        (TLS + ", client_ca_file: ca}", "client_auth_type asks for no certificate"),
        (TLS + ", client_auth_type: RequireAndVerifyClientCert}", "needs to know whose certificates are good"),
        (TLS + ", client_auth_type: VerifyClientCertIfGiven}", "needs to know whose certificates are good"),
        (TLS + ", client_auth_type: RequireAnyClientCert}", "also one that a client has signed itself"),
        (TLS + ", client_allowed_sans: [a]}", "without a certificate there is no name to compare"),
        (
            TLS + ", client_ca_file: c, client_auth_type: VerifyClientCertIfGiven, client_allowed_sans: [a]}",
            "without a certificate there is no name to compare",
        ),
        (TLS + ", min_version: TLS1.2}", "must be one of TLS10, TLS11, TLS12, TLS13"),
        (TLS + ", max_version: TLS11}", "nothing older than TLS 1.2 is spoken here"),
        (TLS + ", min_version: TLS13, max_version: TLS12}", "must not be below min_version (TLS13)"),
        (TLS + ", cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}", "no cipher suite that is offered here"),
        (TLS + ", curve_preferences: [P256]}", "must be one of CurveP256, CurveP384, CurveP521, X25519"),
        (
            "http_server_config: {headers: {Server: x}}",
            "this header cannot be set; known here: Content-Security-Policy",
        ),
        ("http_server_config: {headers: {X-Frame-Options: allow}}", "must be one of deny, sameorigin"),
        ('http_server_config: {headers: {X-XSS-Protection: "a\\r\\nb: c"}}', "not allowed"),
        ("http_server_config: {headers: {X-XSS-Protection: ä}}", "must be ASCII, in one line"),
        ("rate_limit: {interval: 1s}", "must be at least 1 where there is an interval"),
        ("rate_limit: {interval: fast, burst: 1}", "duration"),
        ("rate_limit: {interval: 1s, burst: -1}", "must be at least 0"),
        (f'basic_auth_users: {{"a:b": {HASH}}}', "the name of a user must not hold a colon"),
        (f"basic_auth_users: {{a: {HASH.replace('$10$', '$31$')}}}", "the hash's cost must be from 4 to 14, not 31"),
        ("basic_auth_users: [a]", "must be a mapping"),
        (f"basic_auth_users: {{a: {HASH}, a: {HASH}}}", "is here twice"),
        ("&a {}", "anchors (&) are not allowed"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, expected: str) -> None:
    found = problems(text)
    assert any(expected in line for line in found), found
    assert all(line.startswith("web.yml:") for line in found)


@pytest.mark.parametrize("value", ["hunter2", "12345", '"$2y$10$hunter2"', "[hunter2]", "{hunter2: 1}", "true", "0.25"])
def test_a_password_in_place_of_its_hash_is_not_repeated(value: str) -> None:
    lines = problems(f"basic_auth_users: {{prometheus: {value}}}")
    assert len(lines) == 1
    assert not any(part in lines[0] for part in ("hunter2", "12345", "0.25"))
    assert "basic_auth_users.prometheus: must be" in lines[0]


@pytest.mark.parametrize("key", ["key", "cert", "client_ca"])
def test_neither_is_a_key(key: str) -> None:
    lines = problems(f"tls_server_config: {{{key}: [hunter2]}}")
    assert any("must be text" in line for line in lines)
    assert "hunter2" not in "".join(lines)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_text_is_taken_for_a_hash_and_none_is_an_accident(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert problems(f'basic_auth_users: {{a: "{quoted}"}}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http_server_config: {http2: true}", ["HTTP/2 is not spoken here"]),
        ("http_server_config: {http2: false}", []),
        (TLS + "}", []),
        (f"basic_auth_users: {{a: {HASH}}}", ["without TLS passwords cross the network in the clear"]),
        (
            TLS + ", client_auth_type: RequestClientCert}",
            ["no certificate is asked for, since nobody would look at it"],
        ),
        (
            TLS + ", client_ca_file: ca, client_auth_type: RequireAnyClientCert}",
            ["certificates are verified all the same"],
        ),
        (TLS + ", min_version: TLS10}", ["nothing older than TLS 1.2 is spoken here"]),
        (TLS + ", cipher_suites: [TLS_AES_128_GCM_SHA256]}", ["the suites of TLS 1.3 are always on offer"]),
        (
            TLS + ", curve_preferences: [X25519, CurveP256]}",
            ["of several curves none is preferred: OpenSSL's own list is used"],
        ),
        (FULL, []),
    ],
)
def test_what_is_said_in_vain_is_warned_of(text: str, expected: list[str]) -> None:
    assert [fault.message for _, fault in advise(read(text), read_document(text))] == expected


def test_promtool_takes_the_same_file(tmp_path: Path) -> None:
    Authority(tmp_path).sign("server")
    suites = ", ".join((*CIPHERS, *CIPHERS_OF_TLS13))
    text = FULL.replace("/etc/server.key", "server.key").replace("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", suites)
    # Versions that are still in use know less.
    text = "".join(line for line in text.splitlines(keepends=True) if "client_allowed_sans" not in line)
    (tmp_path / "web.yml").write_text(text.partition("rate_limit:")[0])
    command = [program("promtool"), "check", "web-config", str(tmp_path / "web.yml")]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
