"""PrometheusRule manifests: printed, or applied with kubectl."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from rules.deploy import suitability, verification
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Running, groups_of, running
from rules.deploy.plan import Plan, with_interval
from rules.deploy.prometheus import Server
from rules.deploy.state import Files, State
from rules.deploy.targets.exported import as_before, differing, groups_in, planned, stem, text_of
from rules.deploy.transaction import Say

KIND = "prometheusrules.monitoring.coreos.com"


def manifest(name: str, text: str, namespace: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return the object of one rule file."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {
            "name": stem(name),
            "namespace": namespace,
            "labels": {"app.kubernetes.io/part-of": "driftbell", **labels},
        },
        "spec": {"groups": groups_in(text)},
    }


def printed(objects: Iterable[Mapping[str, Any]]) -> str:
    """Return objects as one YAML stream."""
    return "".join(
        f"---\n{yaml.safe_dump(dict(each), sort_keys=False, allow_unicode=True, width=1_000)}" for each in objects
    )


@dataclass(frozen=True)
class Kubectl:
    """The program; it brings its own credentials. Raises DeployError."""

    program: str = "kubectl"
    context: str = ""
    limit: float = 60.0

    def __call__(self, *arguments: str, given: str | None = None) -> str:
        done = self.run([self.program, *(["--context", self.context] if self.context else []), *arguments], given)
        if done.returncode != 0:
            said = " ".join(done.stderr.split())
            raise DeployError(_code(said), f"{self.program} {' '.join(arguments[:2])}: {said}")
        return done.stdout

    def run(self, words: list[str], given: str | None) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 - the program that the user named
                words, input=given, capture_output=True, text=True, timeout=self.limit, check=False
            )
        except FileNotFoundError as error:
            message = f"there is no program {self.program}: leave --apply out to print manifests"
            raise DeployError(Exit.USAGE, message) from error
        except subprocess.TimeoutExpired as error:
            message = f"{self.program} had not ended after {self.limit:g} s"
            raise DeployError(Exit.UNREACHABLE, message) from error


def _code(said: str) -> Exit:
    """Return what kubectl's words amount to; it has one exit code for everything."""
    for code, words in _WORDS.items():
        if re.search(words, said, re.IGNORECASE):
            return code
    return Exit.REFUSED


_WORDS = {
    Exit.DENIED: "forbidden|unauthorized|must be logged in",
    Exit.UNTRUSTED: "x509|certificate",
    Exit.UNREACHABLE: r"connection refused|unable to connect|no such host|i/o timeout|was refused",
    Exit.OVERLOADED: "too many requests|server is currently unable|etcdserver: (request timed out|leader changed)",
}


@dataclass
class Manifests:
    """``server`` is the Prometheus that is to load them; without one only what the cluster holds is verified."""

    kubectl: Kubectl
    state: State
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    server: Server | None = None
    wait: float = 180.0
    keep_alerts: bool = False
    _names: set[str] = field(default_factory=set)
    _before: Running = field(default_factory=Running)

    def present(self, names: Iterable[str]) -> dict[str, str]:
        self._names |= {*names, *self.state.owned}
        found = {}
        for name in sorted(self._names):
            said = self.kubectl("get", KIND, stem(name), "-n", self.namespace, "--ignore-not-found", "-o", "json")
            if said.strip():
                found[name] = text_of(json.loads(said)["spec"].get("groups") or ())
        return found

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        seen = self._look() if self.server is not None else Running()
        self._before = as_before(present, seen)
        found = planned(self._before, present, wanted, say, keep_alerts=self.keep_alerts)
        if self.server is not None and not found.nothing:
            suitability.can_evaluate(self.server, found, groups_of(wanted))
        if wanted_texts := {name: text for name, text in found.files.items() if text is not None}:
            # The admission webhook judges, and nothing is kept.
            self._apply(wanted_texts, "--dry-run=server")
        return found

    def write(self, files: Files) -> None:
        self._apply({name: text for name, text in files.items() if text is not None})
        for name in sorted(name for name, text in files.items() if text is None):
            self.kubectl("delete", KIND, stem(name), "-n", self.namespace, "--ignore-not-found")

    def _apply(self, texts: Mapping[str, str], *flags: str) -> None:
        objects = [manifest(name, text, self.namespace, self.labels) for name, text in texts.items()]
        if objects:
            self.kubectl("apply", *flags, "-f", "-", given=printed(objects))

    def load(self) -> None:
        """The operator does it."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        self.restored(wanted)
        if self.server is None:
            say("without --url it is not known what Prometheus loads: only what the cluster holds was verified")
            return
        patience = self.server.client.patience
        verification.runs(
            self._look, self._adopted(wanted), patience, self.wait, "Does its ruleSelector match the labels?"
        )
        for line in verification.evaluates(self._look, self._before, patience, self.wait, self.server):
            say(line)

    def restored(self, before: Mapping[str, str]) -> None:
        if lacking := differing(self.present(before), before):
            raise DeployError(
                Exit.UNVERIFIED, f"the cluster holds other rules than it was given in {', '.join(lacking)}"
            )

    def _adopted(self, texts: Mapping[str, str]) -> tuple[Group, ...]:
        assert self.server is not None
        interval = suitability.interval_of(self.server.configuration())
        return with_interval(groups_of(texts), interval)

    def _look(self) -> Running:
        assert self.server is not None
        data = self.server.groups()
        # The operator names a file after the namespace, the object, and the object's uid.
        pattern = re.compile(
            rf"/{re.escape(self.namespace)}-(.+?)(?:-[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})?\.yaml"
        )
        stems = {stem(name): name for name in self._names}
        ours = {}
        for group in data.get("groups") or ():
            file = str(group.get("file", ""))
            if (found := pattern.search(file)) and found[1] in stems:
                ours[file] = stems[found[1]]
        return running(data, ours)
