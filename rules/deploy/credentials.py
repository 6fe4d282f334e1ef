"""Who we are to the server: secrets come from files or from environment variables, never from arguments."""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase

from rules.deploy.failure import DeployError, Exit


@dataclass(frozen=True, slots=True)
class Source:
    """Where a secret is: in a file, or in an environment variable; in neither, there is none."""

    file: Path | None = None
    variable: str | None = None

    def secret(self, environment: Mapping[str, str] = os.environ) -> str | None:
        """Read the secret, without white space around it. Raises DeployError."""
        if self.file is not None:
            try:
                return _sound(self.file.read_text(encoding="utf-8"), str(self.file))
            except (OSError, UnicodeDecodeError) as error:
                raise DeployError(Exit.USAGE, f"{self.file}: the secret cannot be read: {error}") from error
        if self.variable is None:
            return None
        if self.variable not in environment:
            raise DeployError(Exit.USAGE, f"there is no environment variable {self.variable}")
        return _sound(environment[self.variable], f"the environment variable {self.variable}")


def _sound(secret: str, where: str) -> str:
    secret = secret.strip()
    if not secret:
        raise DeployError(Exit.USAGE, f"{where} is empty")
    # A header ends with its line: what follows would be another header.
    if not secret.isprintable():
        raise DeployError(Exit.USAGE, f"{where} has more than one line, or signs that cannot be printed")
    return secret


class Credentials(AuthBase):
    """Sent with every request. Without any, nothing is sent, not even what ~/.netrc has for the server."""

    def __init__(self, token: str | None = None, user: str | None = None, password: str | None = None) -> None:
        self._header = _header(token, user, password)
        # As they are sent as well: whoever sees a header can send it again.
        self.secrets = frozenset(each for each in (token, password, (self._header or "").partition(" ")[2]) if each)

    @property
    def any(self) -> bool:
        return self._header is not None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._header is not None:
            request.headers["Authorization"] = self._header
        return request


def _header(token: str | None, user: str | None, password: str | None) -> str | None:
    if token is not None and (user is not None or password is not None):
        raise DeployError(Exit.USAGE, "either a token or a user with a password, not both")
    if token is not None:
        return f"Bearer {token}"
    if (user is None) != (password is None):
        raise DeployError(Exit.USAGE, "a user needs --password-file or --password-env, and a password needs --user")
    if user is None:
        return None
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def address(url: str, credentials: Credentials, *, plain_http: bool = False) -> str:
    """Return a server's address without a slash at its end. Raises DeployError if it is none, or would give secrets away."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise DeployError(Exit.USAGE, f"--url: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise DeployError(Exit.USAGE, "--url has a user or a password in it: say --user and --password-file instead")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise DeployError(Exit.USAGE, f"--url: {url} is no address such as http://127.0.0.1:9090")
    if credentials.any and parts.scheme == "http" and not _is_here(host) and not plain_http:
        raise DeployError(
            Exit.USAGE, f"credentials would cross the network unencrypted: use https for {host}, or --plain-http"
        )
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
