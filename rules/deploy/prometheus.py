"""A Prometheus, or a Thanos ruler, as far as a deployment asks it something."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rules.deploy.client import Client, refused
from rules.deploy.failure import DeployError, Exit

_LIFECYCLE = "--web.enable-lifecycle"
_SAMPLE = re.compile(r"^(\w+)(?:\{[^}]*\})? (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kind:
    """``prefix`` is that of its metrics about itself; a Thanos ruler keeps no series and has no configuration to show."""

    name: str
    prefix: str
    stores: bool


PROMETHEUS = Kind("Prometheus", "prometheus_config", stores=True)
THANOS = Kind("Thanos ruler", "thanos_rule_config", stores=False)


class Server:
    """Every method raises DeployError. ``pid_file``: reload by SIGHUP to that process instead of by HTTP."""

    def __init__(self, client: Client, kind: Kind = PROMETHEUS, pid_file: Path | None = None) -> None:
        self.client, self.kind, self.pid_file = client, kind, pid_file

    def groups(self) -> Mapping[str, Any]:
        found = self.client.data("/api/v1/rules")
        if not isinstance(found, dict):
            raise DeployError(Exit.UNREACHABLE, f"{self.client.url} does not list rules: is it a {self.kind.name}?")
        return found

    def configuration(self) -> Mapping[str, Any]:
        data = yaml.safe_load(self.client.data("/api/v1/status/config")["yaml"])
        return data if isinstance(data, dict) else {}

    def retention(self) -> str:
        """Return how long it keeps series, in its words, such as ``15d`` or ``15d or 10GiB``."""
        return str(self.client.data("/api/v1/status/runtimeinfo").get("storageRetention", ""))

    def version(self) -> tuple[int, int]:
        """Return the version, (0, 0) if the server does not tell."""
        answer = self.client.get("/api/v1/status/buildinfo")
        found = re.search(r'"version":"v?(\d+)\.(\d+)', answer.text) if answer.status == 200 else None
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def trial(self, expression: str) -> str:
        """Evaluate an expression once; return what is wrong with it, "" if nothing is."""
        answer = self.client.call("POST", "/api/v1/query", data={"query": expression})
        if answer.status in (400, 422):
            found = re.search(r'"error":"((?:[^"\\]|\\.)*)"', answer.text)
            return json.loads(f'"{found[1]}"') if found else answer.said
        if answer.status != 200:
            raise refused(f"{self.client.url}/api/v1/query", answer)
        return ""

    def need_reloading(self) -> None:
        """Raise DeployError if it is known that it will not reload when it is asked to."""
        flags = self.client.data("/api/v1/status/flags")
        if self.pid_file is None and flags.get("web.enable-lifecycle") == "false":
            message = f"{self.client.url} does not reload by HTTP: start it with {_LIFECYCLE}, or say --pid-file"
            raise DeployError(Exit.DENIED, message)

    def last_reload(self) -> tuple[bool, float]:
        """Return whether the last reload succeeded, and when the last that did was, in seconds since the epoch."""
        return reload_metrics(self.client, self.kind.prefix)

    def reload(self) -> None:
        reload(self.client, self.kind.prefix, self.pid_file)


def reload_metrics(client: Client, prefix: str) -> tuple[bool, float]:
    samples = metrics(client)
    try:
        succeeded = samples[f"{prefix}_last_reload_successful"] == 1
        return succeeded, samples[f"{prefix}_last_reload_success_timestamp_seconds"]
    except KeyError as error:
        raise DeployError(
            Exit.UNREACHABLE, f"{client.url}/metrics has no {error.args[0]}: is it the right address?"
        ) from error


def metrics(client: Client) -> dict[str, float]:
    """Return samples by name; of several of one name the last."""
    answer = client.get("/metrics")
    if answer.status != 200:
        raise refused(f"{client.url}/metrics", answer)
    return {name: float(value) for name, value in _SAMPLE.findall(answer.text) if _is_number(value)}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def reload(client: Client, prefix: str, pid_file: Path | None) -> None:
    """Make a server read its files, and wait until it has. Raises DeployError."""
    if pid_file is not None:
        _by_signal(client, prefix, pid_file)
        return
    answer = client.call("POST", "/-/reload")
    if answer.status == 403 and "ifecycle" in answer.text:
        raise DeployError(
            Exit.DENIED, f"{client.url} does not reload by HTTP: start it with {_LIFECYCLE}, or say --pid-file"
        )
    if answer.status >= 400:
        error = refused(f"{client.url}/-/reload", answer)
        raise DeployError(error.code, f"{error}: its log says which file, and why")


def _by_signal(client: Client, prefix: str, pid_file: Path) -> None:
    well, before = reload_metrics(client, prefix)
    hang_up(pid_file)
    fine: list[bool] = []

    def answered() -> bool:
        succeeded, when = reload_metrics(client, prefix)
        fine.append(when > before)
        # If the reload before had failed, another failure looks the same: only time tells.
        return fine[-1] or (well and not succeeded)

    if not client.patience.until(answered, client.patience.whole) or not fine[-1]:
        raise DeployError(Exit.REFUSED, f"{client.url} did not load its files after SIGHUP: its log says why")


def hang_up(pid_file: Path) -> None:
    """Send SIGHUP to the process that a file names. Raises DeployError."""
    try:
        os.kill(_process(pid_file.read_text(encoding="utf-8")), signal.SIGHUP)
    except ProcessLookupError as error:
        raise DeployError(Exit.UNREACHABLE, f"{pid_file}: there is no such process: is the server running?") from error
    except PermissionError as error:
        raise DeployError(Exit.DENIED, f"{pid_file}: not allowed to signal the server: {error}") from error
    except (OSError, ValueError) as error:
        raise DeployError(Exit.USAGE, f"{pid_file}: {error}") from error


def _process(text: str) -> int:
    number = int(text.strip())
    # 0 and negative ones are groups of processes.
    if number <= 1:
        raise ValueError(f"{number} is no process of a server")
    return number
