"""What a web configuration file says in vain: right as it is, and without effect here, or not the whole of it."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.configuration.document import Document
from exporter.configuration.problem import Keys
from exporter.configuration.refusal import Fault
from exporter.web.tls_names import CIPHERS, OLD_VERSIONS
from exporter.web.web_file import UNVERIFIED, TlsServer, WebFile

_TLS = "tls_server_config"


def advise(file: WebFile, document: Document) -> Iterator[tuple[Keys, Fault]]:
    """Yield what to warn of, and where."""
    if document.written("http_server_config", "http2") and file.http_server_config.http2:
        hint = "Prometheus scrapes over HTTP/1.1 as well"
        yield ("http_server_config", "http2"), Fault("HTTP/2 is not spoken here", hint)
    if file.basic_auth_users and file.tls_server_config is None:
        fault = Fault("without TLS passwords cross the network in the clear", "add tls_server_config")
        yield ("basic_auth_users",), fault
    if file.tls_server_config is not None:
        yield from _of_tls(file.tls_server_config)


def _of_tls(tls: TlsServer) -> Iterator[tuple[Keys, Fault]]:
    if tls.client_auth_type == "RequestClientCert":
        hint = "RequireAndVerifyClientCert lets in only who has one"
        yield (_TLS, "client_auth_type"), Fault("no certificate is asked for, since nobody would look at it", hint)
    elif tls.client_auth_type in UNVERIFIED:
        fault = Fault("certificates are verified all the same", "say RequireAndVerifyClientCert, as it is")
        yield (_TLS, "client_auth_type"), fault
    if tls.min_version in OLD_VERSIONS:
        yield (_TLS, "min_version"), Fault("nothing older than TLS 1.2 is spoken here", "say TLS12")
    if tls.cipher_suites and not set(tls.cipher_suites) & set(CIPHERS):
        fault = Fault("the suites of TLS 1.3 are always on offer", "name those of TLS 1.2, or say min_version: TLS13")
        yield (_TLS, "cipher_suites"), fault
    if len(tls.curve_preferences) > 1:
        fault = Fault("of several curves none is preferred: OpenSSL's own list is used", "name one to have it alone")
        yield (_TLS, "curve_preferences"), fault
