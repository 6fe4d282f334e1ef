"""An AlertmanagerConfig in a cluster, applied with kubectl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from alertmanager.deploy.files import within
from alertmanager.deploy.manifest import KIND
from alertmanager.deploy.plan import Plan
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import Files, State
from rules.deploy.targets.kubernetes import Kubectl, printed
from rules.deploy.transaction import Say


@dataclass
class ConfigurationObject:
    """Its files are manifests, by the names of the objects."""

    kubectl: Kubectl
    state: State
    namespace: str

    def present(self, names: Iterable[str]) -> dict[str, str]:
        found = {}
        for name in sorted({*names, *self.state.owned}):
            said = self.kubectl("get", KIND, name, "-n", self.namespace, "--ignore-not-found", "-o", "json")
            if said.strip():
                found[name] = printed([_ours(json.loads(said))])
        return found

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        gone: Files = dict.fromkeys(sorted(present.keys() - wanted.keys()))
        found = Plan({**{name: wanted[name] for name in self._lacking(present, wanted)}, **gone})
        for line in found.lines():
            say(line)
        for text in found.files.values():
            if text is not None:
                # The admission webhook judges, and nothing is kept.
                self.kubectl("apply", "--dry-run=server", "-f", "-", given=text)
        return found

    def _lacking(self, present: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
        return [
            name
            for name, text in sorted(wanted.items())
            if name not in present or not within(yaml.safe_load(text), yaml.safe_load(present[name]))
        ]

    def write(self, files: Files) -> None:
        for name, text in files.items():
            if text is None:
                self.kubectl("delete", KIND, name, "-n", self.namespace, "--ignore-not-found")
            else:
                self.kubectl("apply", "-f", "-", given=text)

    def load(self) -> None:
        """The operator does it."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        self.restored(wanted)
        say("only what the cluster holds was verified: the operator's log says what it made of it")

    def restored(self, before: Mapping[str, str]) -> None:
        if lacking := self._lacking(self.present(before), before):
            raise DeployError(Exit.UNVERIFIED, f"the cluster holds another {', '.join(lacking)} than it was given")


def _ours(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what the cluster added to it."""
    about = {key: document["metadata"][key] for key in ("name", "namespace", "labels") if key in document["metadata"]}
    return {"apiVersion": document["apiVersion"], "kind": document["kind"], "metadata": about, "spec": document["spec"]}
