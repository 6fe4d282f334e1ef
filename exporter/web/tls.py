"""A TLS context from the web configuration: certificate, key, and which clients are let in."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exporter.regular_file import content_of
from exporter.web.tls_names import CIPHERS, CURVES, VERSIONS
from exporter.web.web_file import TlsServer

# Whole collections of authorities have a quarter of it.
_MOST = 2**20


class TlsProblem(Exception):  # noqa: N818 - it is about the files of whoever configures the server
    """A certificate, key or CA cannot be used; the message names the file and holds nothing of it."""


def context_of(tls: TlsServer) -> ssl.SSLContext:
    """Return the context for a server. Raises ``TlsProblem``.

    It never asks a terminal for the password of a key, as OpenSSL would.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = VERSIONS.get(tls.min_version, ssl.TLSVersion.TLSv1_2)
    context.maximum_version = VERSIONS[tls.max_version]
    # HTTP/2 is not spoken, so it is not offered either.
    context.set_alpn_protocols(["http/1.1"])
    # Scrapers keep their connections. Without tickets every new one proves again who the client is, on today's terms.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    _choose_algorithms(context, tls)
    _load_certificate(context, tls)
    if tls.verifies:
        context.verify_mode = ssl.CERT_REQUIRED if tls.requires else ssl.CERT_OPTIONAL
        _load_authority(context, tls)
    return context


def is_allowed(certificate: Mapping[str, Any] | None, names: frozenset[str] | None) -> bool:
    """Say whether a verified certificate has one of these alternative names (None: whatever it has).

    >>> is_allowed({"subjectAltName": (("DNS", "prometheus"), ("IP Address", "::1"))}, frozenset({"prometheus"}))
    True
    """
    if names is None:
        return True
    found = (certificate or {}).get("subjectAltName", ())
    return any(_plain(kind, value) in names for kind, value in found if kind in _NAMES)


# What counts as a name: DNS, IP and e-mail addresses, URIs. A distinguished name is none.
_NAMES = ("DNS", "IP Address", "email", "URI")


def _plain(kind: str, value: str) -> str:
    """Return a name as people write it: OpenSSL spells IPv6 addresses in full and in capitals."""
    if kind != "IP Address":
        return value
    import ipaddress

    try:
        return str(ipaddress.ip_address(value.strip()))
    except ValueError:
        return value


def _choose_algorithms(context: ssl.SSLContext, tls: TlsServer) -> None:
    suites = [CIPHERS[name] for name in tls.cipher_suites if name in CIPHERS]
    if suites:
        context.set_ciphers(":".join(suites))
    if len(tls.curve_preferences) == 1:
        context.set_ecdh_curve(CURVES[tls.curve_preferences[0]])
    if tls.prefer_server_cipher_suites:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE


def _load_certificate(context: ssl.SSLContext, tls: TlsServer) -> None:
    certificate, key = _content("cert", tls.cert, tls.cert_file), _content("key", tls.key, tls.key_file)
    with _in_memory(certificate) as certificate_path, _in_memory(key) as key_path:
        try:
            context.load_cert_chain(certificate_path, key_path, password=_no_password)
        except _EncryptedKeyError:
            raise TlsProblem(
                f"{_name('key', tls.key_file)}: the key is encrypted; decrypt it, and guard the file"
            ) from None
        except (ssl.SSLError, ValueError) as error:
            files = f"{_name('cert', tls.cert_file)} and {_name('key', tls.key_file)}"
            raise TlsProblem(f"{files}: {_reason(error)}") from None


def _load_authority(context: ssl.SSLContext, tls: TlsServer) -> None:
    name = _name("client_ca", tls.client_ca_file)
    try:
        context.load_verify_locations(cadata=_content("client_ca", tls.client_ca, tls.client_ca_file).decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise TlsProblem(f"{name}: holds no certificates in PEM format") from None


def _content(key: str, text: str | None, file: Path | None) -> bytes:
    if file is None:
        assert text is not None, key
        return text.encode()
    try:
        return content_of(file, _MOST)
    except OSError as error:
        raise TlsProblem(f"{file}: cannot be read: {error.strerror or error}") from error


def _name(key: str, file: Path | None) -> str:
    return str(file) if file else key


class _EncryptedKeyError(Exception):
    pass


def _no_password() -> str:
    raise _EncryptedKeyError


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    return "hold no certificate and key in PEM format"


@contextmanager
def _in_memory(content: bytes) -> Iterator[str]:
    """Give what was read a path: OpenSSL takes paths only, and a file could be another one when it looks again."""
    descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
