"""Requests to a server: with a limit to each and to all of them, repeated where it may help, each failure with its message."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from rules.deploy.credentials import Credentials
from rules.deploy.failure import DeployError, Exit

# Overloaded, or restarting: it may be well in a moment. 500 is a bug or a refusal, and stays.
PASSING = frozenset({408, 425, 429, 502, 503, 504})
_LONGEST_PAUSE = 5.0
_SAID = 600


@dataclass(frozen=True, slots=True)
class Patience:
    """``request`` seconds for one answer, ``whole`` for all attempts together; pauses double from ``pause`` on."""

    request: float = 10.0
    whole: float = 60.0
    pause: float = 0.25
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def until(self, ask: Callable[[], bool], seconds: float) -> bool:
        """Ask until the answer is yes, or the seconds are over; say which."""
        ends = self.clock() + seconds
        pause = self.pause
        while not ask():
            if self.clock() >= ends:
                return False
            self.sleep(min(pause, max(ends - self.clock(), 0.0)))
            pause = min(pause * 1.5, 2.0)
        return True


@dataclass(frozen=True, slots=True)
class Answer:
    """``secrets`` are what it must not be quoted with: some proxies show the request in their error pages."""

    status: int
    text: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def said(self) -> str:
        text = self.text
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())[:_SAID] or "without a word"


class Client:
    """``passing`` are the statuses after which a request is repeated."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        patience: Patience | None = None,
        authority: str | None = None,
        certificate: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        passing: frozenset[int] = PASSING,
    ) -> None:
        self.url = url
        self.patience = patience or Patience()
        self._passing = passing
        self._session = requests.Session()
        # Set even if there are none: requests would look into ~/.netrc.
        self._credentials = credentials or Credentials()
        self._session.auth = self._credentials
        self._session.cert = certificate
        self._session.headers.update({"User-Agent": "driftbell-deploy", **(headers or {})})
        self._verify: bool | str = authority or True

    def get(self, path: str, **parameters: str) -> Answer:
        return self.call("GET", path, params=parameters)

    def data(self, path: str, **parameters: str) -> Any:
        """Return the ``data`` of an answer of the HTTP API. Raises DeployError."""
        return self.data_in(self.get(path, **parameters), path)

    def data_in(self, answer: Answer, path: str) -> Any:
        found = self.of(answer, path).get("data")
        if found is None:
            raise self.strange(path, answer)
        return found

    def of(self, answer: Answer, path: str) -> Any:
        """Return an answer's JSON object. Raises DeployError."""
        found = self._read(answer, path)
        if not isinstance(found, dict):
            raise self.strange(path, answer)
        return found

    def listed(self, answer: Answer, path: str) -> list[Any]:
        """Return an answer's JSON list. Raises DeployError."""
        found = self._read(answer, path)
        if not isinstance(found, list):
            raise self.strange(path, answer)
        return found

    def _read(self, answer: Answer, path: str) -> Any:
        if answer.status not in (200, 201):
            raise refused(f"{self.url}{path}", answer)
        try:
            return json.loads(answer.text)
        except ValueError:
            return None

    def strange(self, path: str, answer: Answer) -> DeployError:
        page = " (a page for people: perhaps that of a proxy, to log in)" if answer.text.lstrip()[:1] == "<" else ""
        return DeployError(
            Exit.UNREACHABLE, f"{self.url}{path} answers something else than expected{page}: is it the right address?"
        )

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request until it has an answer that is worth something. Raises DeployError; other refusals are answers."""
        patience = self.patience
        ends, pause = patience.clock() + patience.whole, patience.pause
        while True:
            failure, answer, wanted = self._attempt(method, path, ends - patience.clock(), options)
            if failure is None:
                assert answer is not None
                return answer
            # Half of it at random: those who were turned away together do not come back together.
            wait = max(wanted, pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            if patience.clock() + wait >= ends:
                raise failure
            patience.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _attempt(
        self, method: str, path: str, left: float, options: Mapping[str, Any]
    ) -> tuple[DeployError | None, Answer | None, float]:
        """Return why to try again, or the answer; and how long the server wants us to wait."""
        url = f"{self.url}{path}"
        limit = max(min(self.patience.request, left), 0.05)
        try:
            # Not redirected: a token must not follow to wherever an answer points.
            got = self._session.request(
                method, url, timeout=limit, verify=self._verify, allow_redirects=False, **options
            )
        except requests.exceptions.SSLError as error:
            raise DeployError(Exit.UNTRUSTED, f"{url}: {_root(error)} (--ca-file names another authority)") from error
        except (requests.Timeout, requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
            return DeployError(Exit.UNREACHABLE, f"{url}: no answer: {_root(error)}"), None, 0.0
        except (requests.RequestException, OSError) as error:
            raise DeployError(Exit.USAGE, f"{url}: {error}") from error
        answer = Answer(got.status_code, got.text, self._credentials.secrets)
        if answer.status in self._passing:
            return DeployError(Exit.OVERLOADED, f"{url}: {answer.status}: {answer.said}"), answer, _wanted(got)
        if 300 <= answer.status < 400:
            where = got.headers.get("Location", "elsewhere")
            raise DeployError(Exit.UNREACHABLE, f"{url} redirects to {where}: say the address that it redirects to")
        return None, answer, 0.0


def refused(what: str, answer: Answer) -> DeployError:
    """Return what to raise about an answer that is a refusal."""
    if answer.status in (401, 407):
        return DeployError(Exit.DENIED, f"{what}: {answer.status}: the credentials are missing, or not accepted")
    if answer.status == 403:
        return DeployError(Exit.DENIED, f"{what}: 403: not allowed: {answer.said}")
    if answer.status == 404:
        return DeployError(Exit.REFUSED, f"{what}: 404: {answer.said}: is it the right address?")
    return DeployError(Exit.REFUSED, f"{what}: {answer.status}: {answer.said}")


def _wanted(got: requests.Response) -> float:
    text = got.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0


def _root(error: BaseException) -> str:
    """Return the innermost reason: libraries wrap it several times."""
    reason: Any = error
    while True:
        inner = getattr(reason, "reason", None) or next(
            (each for each in reason.args if isinstance(each, Exception)), None
        )
        if not isinstance(inner, Exception) or inner is reason:
            text = str(reason)
            return text.partition(": ")[2] if text.startswith(("<", "HTTP")) and ": " in text else text
        reason = inner
