"""Objects in a cluster, each the manifest of its file, applied with kubectl."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import Files, State
from rules.deploy.targets.kubernetes import Kubectl, printed
from rules.deploy.transaction import Say


@dataclass(frozen=True, slots=True)
class Plan:
    files: Files

    @property
    def nothing(self) -> bool:
        return not self.files

    def lines(self) -> Iterator[str]:
        for name, text in self.files.items():
            yield f"{name}: {'is removed' if text is None else 'is written'}"


@dataclass
class Objects:
    """Its files are manifests, by the names of the objects; all are of one ``kind``.

    ``flags`` are for ``kubectl apply``; ``known`` is what is said when nobody can tell what became of the objects.
    """

    kubectl: Kubectl
    state: State
    namespace: str
    kind: str
    flags: tuple[str, ...] = ()
    known: str = "only what the cluster holds was verified"

    def present(self, names: Iterable[str]) -> dict[str, str]:
        found = {}
        for name in sorted({*names, *self.state.owned}):
            said = self.kubectl("get", self.kind, name, "-n", self.namespace, "--ignore-not-found", "-o", "json")
            if said.strip():
                found[name] = printed([_ours(json.loads(said))])
        return found

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        gone: Files = dict.fromkeys(sorted(present.keys() - wanted.keys()))
        found = Plan({**{name: wanted[name] for name in _lacking(present, wanted)}, **gone})
        for line in found.lines():
            say(line)
        for text in found.files.values():
            if text is not None:
                # The admission webhook judges, and nothing is kept.
                self._apply(text, "--dry-run=server")
        return found

    def write(self, files: Files) -> None:
        for name, text in files.items():
            if text is None:
                self.kubectl("delete", self.kind, name, "-n", self.namespace, "--ignore-not-found")
            else:
                self._apply(text)

    def _apply(self, text: str, *flags: str) -> None:
        self.kubectl("apply", *self.flags, *flags, "-f", "-", given=text)

    def load(self) -> None:
        """Whoever watches the objects does it."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        self.restored(wanted)
        say(self.known)

    def restored(self, before: Mapping[str, str]) -> None:
        if lacking := _lacking(self.present(before), before):
            raise DeployError(Exit.UNVERIFIED, f"the cluster holds another {', '.join(lacking)} than it was given")


def _lacking(present: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    return [
        name
        for name, text in sorted(wanted.items())
        if name not in present or not within(yaml.safe_load(text), yaml.safe_load(present[name]))
    ]


def _ours(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without what the cluster added to it."""
    about = document["metadata"]
    notes = {key: value for key, value in about.get("annotations", {}).items() if "kubernetes.io/" not in key}
    kept = {key: about[key] for key in ("name", "namespace", "labels") if key in about}
    return {
        "apiVersion": document["apiVersion"],
        "kind": document["kind"],
        "metadata": {**kept, **({"annotations": notes} if notes else {})},
        **{key: document[key] for key in ("spec", "data") if key in document},
    }


def within(part: Any, whole: Any) -> bool:
    """Say whether a server holds what is written: it fills in what was left out, and shows no secrets."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            within(value, whole.get(key)) or (not value and key not in whole) for key, value in part.items()
        )
    if isinstance(part, list):
        return (isinstance(whole, list) and len(part) == len(whole) and all(map(within, part, whole))) or (
            not part and whole is None
        )
    return bool(whole in (part, "<secret>") or str(part) == str(whole))
