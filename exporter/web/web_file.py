"""The web configuration file: the format that Prometheus' own exporters share, read strictly.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md describes it. What cannot be had
here is refused when the server would be less safe without it, and warned of otherwise. No message repeats a value
that may be a secret, also where a password stands in place of its hash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo, field_validator

from exporter.configuration.files import FilePath
from exporter.configuration.refusal import Fault, described, refusal, refusals
from exporter.configuration.sections import Section
from exporter.configuration.values import Distinct, List, duration_of, written
from exporter.web.tls_names import CIPHERS, CIPHERS_OF_TLS13, CURVES, OLD_VERSIONS, VERSIONS

ClientAuthentication = Literal[
    "NoClientCert",
    "RequestClientCert",
    "RequireAnyClientCert",
    "RequireClientCert",
    "VerifyClientCertIfGiven",
    "RequireAndVerifyClientCert",
]
# The first asks for a certificate and looks at none; the other two take any, also one that nobody has signed.
UNVERIFIED = ("RequestClientCert", "RequireAnyClientCert", "RequireClientCert")
REQUIRING = ("RequireAnyClientCert", "RequireClientCert", "RequireAndVerifyClientCert")

_HASH = re.compile(r"\$2[abxy]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")
_HASH_HINT = "htpasswd -nBC 10 NAME makes one"
# Each step doubles the time. Four is the least that bcrypt knows; with fifteen a check would take seconds, and so would
# the end of the process that waits for it.
_COSTS = range(4, 15)
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
# What may stand in a header's value: visible characters and blanks of ASCII (RFC 9110, section 5.5).
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


def _secret(value: object) -> str:
    """Check a text without ever showing it."""
    if not isinstance(value, str):
        raise refusal("must be text", "put it in quotes")
    return value


def _hash(value: object) -> str:
    found = _HASH.fullmatch(_secret(value))
    if found is None:
        raise refusal("must be the bcrypt hash of a password", _HASH_HINT)
    if int(found["cost"]) not in _COSTS:
        raise refusal(f"the hash's cost must be from {_COSTS.start} to {_COSTS.stop - 1}, not {found['cost']}")
    return found[0]


def _user(name: str) -> str:
    if ":" in name:
        raise refusal("the name of a user must not hold a colon", "HTTP could not tell it from the password")
    return name


def _header(name: str) -> str:
    if name not in _HEADERS:
        raise refusal("this header cannot be set", f"known here: {', '.join(_HEADERS)}")
    return name


def _version(value: object) -> str:
    known = (*OLD_VERSIONS, *VERSIONS)
    if value not in known:
        raise refusal(f"must be one of {', '.join(known)}, not {described(value)}")
    return str(value)


def _cipher(name: object) -> str:
    if name not in (*CIPHERS, *CIPHERS_OF_TLS13):
        raise refusal(f"no cipher suite that is offered here: {described(name)}", f"there are {', '.join(CIPHERS)}")
    return str(name)


def _curve(name: object) -> str:
    if name not in CURVES:
        raise refusal(f"must be one of {', '.join(CURVES)}, not {described(name)}")
    return str(name)


def _interval(value: object) -> int:
    # Go's way to write "none", and what the documentation of the format says.
    return 0 if value in (0, "0") and not isinstance(value, bool) else duration_of(value)


Secret = Annotated[str, PlainValidator(_secret)]
_Version = Annotated[str, PlainValidator(_version)]
_SAN = Annotated[str, Field(min_length=1)]


class TlsServer(Section):
    """``tls_server_config``; there is TLS when a certificate and its key are named."""

    cert: Secret | None = written(None)
    cert_file: FilePath | None = written(None)
    key: Secret | None = written(None)
    key_file: FilePath | None = written(None)
    client_ca: Secret | None = written(None)
    client_ca_file: FilePath | None = written(None)
    client_auth_type: ClientAuthentication = written("NoClientCert")
    client_allowed_sans: Annotated[tuple[_SAN, ...], List] | None = written(None)
    min_version: _Version = written("TLS12")
    max_version: _Version = written("TLS13")
    cipher_suites: Annotated[tuple[Annotated[str, PlainValidator(_cipher)], ...], List, Distinct] = written([])
    curve_preferences: Annotated[tuple[Annotated[str, PlainValidator(_curve)], ...], List, Distinct] = written([])
    prefer_server_cipher_suites: bool = written(True)

    @property
    def verifies(self) -> bool:
        """Whether a client's certificate is asked for and checked."""
        return self.client_auth_type not in {"NoClientCert", "RequestClientCert"}

    @property
    def requires(self) -> bool:
        """Whether a client without a certificate is turned away."""
        return self.client_auth_type in REQUIRING

    @field_validator("max_version")
    @classmethod
    def _leaves_a_version(cls, last: str, info: ValidationInfo) -> str:
        if last in OLD_VERSIONS:
            raise refusal(
                "nothing older than TLS 1.2 is spoken here, so no version would be left", "say TLS12 or TLS13"
            )
        if last < info.data.get("min_version", ""):
            raise refusal(f"must not be below min_version ({info.data['min_version']})")
        return last


class HttpServer(Section):
    """``http_server_config``."""

    http2: bool = written(True)
    headers: Mapping[Annotated[str, AfterValidator(_header)], str] = written({})

    @field_validator("headers")
    @classmethod
    def _has_values_that_are_known(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        faults = []
        for name, value in headers.items():
            if _HEADERS[name] and value not in ("", *_HEADERS[name]):
                faults.append(Fault(f"must be one of {', '.join(_HEADERS[name])}, not {described(value)}", "", (name,)))
            elif not _HEADER_VALUE.fullmatch(value):
                faults.append(Fault("must be ASCII, in one line", "", (name,)))
        if faults:
            raise refusals(faults)
        return headers


class RateLimit(Section):
    """``rate_limit``: a request each ``interval`` (microseconds), up to ``burst`` at once; 0 is no limit."""

    interval: Annotated[int, BeforeValidator(_interval)] = written("0")
    burst: Annotated[int, Field(ge=0)] = written(0)

    @field_validator("burst")
    @classmethod
    def _lets_somebody_in(cls, burst: int, info: ValidationInfo) -> int:
        if info.data.get("interval") and not burst:
            raise refusal("must be at least 1 where there is an interval", "with 0 every request would be refused")
        return burst


class WebFile(Section):
    """The whole file. An empty one asks for nothing."""

    tls_server_config: TlsServer | None = written(None)
    http_server_config: HttpServer = written({})
    basic_auth_users: Mapping[Annotated[str, AfterValidator(_user)], Annotated[str, PlainValidator(_hash)]] = written(
        {}
    )
    rate_limit: RateLimit = written({})

    @field_validator("tls_server_config")
    @classmethod
    def _is_whole(cls, tls: TlsServer | None) -> TlsServer | None:
        if faults := [*_certificate_faults(tls), *_client_faults(tls)] if tls else []:
            raise refusals(faults)
        return tls


def _certificate_faults(tls: TlsServer) -> list[Fault]:
    faults = []
    for text, file in (("cert", "cert_file"), ("key", "key_file"), ("client_ca", "client_ca_file")):
        stated = [name for name in (text, file) if getattr(tls, name) is not None]
        if len(stated) > 1:
            faults.append(Fault(f"{text} and {file} are both there", "keep one of them", (file,)))
        if not stated and text != "client_ca":
            faults.append(Fault(f"{file} is missing", f"TLS needs cert_file and key_file (or {text}: the text itself)"))
    return faults


def _client_faults(tls: TlsServer) -> list[Fault]:
    kind, faults, has_ca = tls.client_auth_type, [], bool(tls.client_ca or tls.client_ca_file)
    if has_ca and kind == "NoClientCert":
        hint = "say RequireAndVerifyClientCert, or take the CA away"
        faults.append(Fault("there is a CA for clients, but client_auth_type asks for no certificate", hint))
    if tls.verifies and not has_ca:
        message = (
            f"{kind} would let in any certificate, also one that a client has signed itself"
            if kind in UNVERIFIED
            else f"{kind} needs to know whose certificates are good"
        )
        hint = "say client_ca_file" + (", and RequireAndVerifyClientCert" if kind in UNVERIFIED else "")
        faults.append(Fault(message, hint, ("client_auth_type",)))
    if tls.client_allowed_sans is not None and not tls.requires:
        hint = "say client_auth_type: RequireAndVerifyClientCert"
        faults.append(Fault("without a certificate there is no name to compare", hint, ("client_allowed_sans",)))
    return faults
