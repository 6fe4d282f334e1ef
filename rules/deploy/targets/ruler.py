"""The ruler of Mimir, Cortex or Grafana Cloud: one namespace for each file, one request for each group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import yaml

from rules.deploy import verification
from rules.deploy.client import PASSING, Answer, Client, refused
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Running, groups_of, running
from rules.deploy.plan import Plan, with_interval
from rules.deploy.state import Files, State
from rules.deploy.targets.exported import as_before, differing, groups_in, means, planned, stem, text_of
from rules.deploy.transaction import Say

# A 500 of a ruler is mostly its storage's, and passes.
RETRIED = PASSING | {500}
CONFIGURED, STATUS = "/prometheus/config/v1/rules", "/prometheus/api/v1/rules"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Ruler:
    """``configured`` is the path below which groups are set, ``status`` where it tells what it evaluates ("": nowhere).

    ``client`` repeats after ``RETRIED``. ``prune`` are further namespaces that are ours to empty.
    """

    client: Client
    state: State
    configured: str = CONFIGURED
    status: str = STATUS
    prune: tuple[str, ...] = ()
    wait: float = 120.0
    keep_alerts: bool = False
    _names: set[str] = field(default_factory=set)
    _before: Running = field(default_factory=Running)

    def present(self, names: Iterable[str]) -> dict[str, str]:
        self._names |= {*names, *self.state.owned, *(f"{namespace}.yml" for namespace in self.prune)}
        exported = self._exported()
        return {name: text_of(exported[stem(name)]) for name in sorted(self._names) if exported.get(stem(name))}

    def _exported(self) -> dict[str, list[dict[str, Any]]]:
        """Return all groups by namespace."""
        answer = self.client.get(self.configured)
        # There are no rules yet.
        if answer.status == 404 and "no rule groups" in answer.text:
            return {}
        if answer.status != 200:
            raise self._refused(answer, "")
        try:
            return {str(key): list(groups) for key, groups in (yaml.load(answer.text, Loader=_Loader) or {}).items()}  # noqa: S506
        except (yaml.YAMLError, AttributeError, TypeError) as error:
            message = f"{self.client.url}{self.configured} does not list rules by namespace: is it the right address?"
            raise DeployError(Exit.UNREACHABLE, message) from error

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        seen = self._look() or Running()
        self._before = as_before(present, seen)
        return planned(self._before, present, wanted, say, keep_alerts=self.keep_alerts)

    def write(self, files: Files) -> None:
        """Set the groups that differ, and delete those that should not be: one request each, so it can stop half-way."""
        there = self._exported()
        for name, text in files.items():
            namespace = stem(name)
            before = {group["name"]: group for group in there.get(namespace, ())}
            after = {group["name"]: group for group in groups_in(text)}
            for group_name, group in after.items():
                if group_name not in before or means(text_of([before[group_name]])) != means(text_of([group])):
                    self._set(namespace, group)
            for group_name in before.keys() - after.keys():
                self._delete(namespace, group_name)

    def _set(self, namespace: str, group: Mapping[str, Any]) -> None:
        body = yaml.safe_dump(dict(group), sort_keys=False, allow_unicode=True, width=1_000).encode()
        answer = self.client.call(
            "POST",
            f"{self.configured}/{quote(namespace, safe='')}",
            data=body,
            headers={"Content-Type": "application/yaml"},
        )
        if not 200 <= answer.status < 300:
            raise self._refused(answer, f" of group {group['name']} ({len(body)} bytes, {len(group['rules'])} rules)")

    def _delete(self, namespace: str, group: str) -> None:
        path = f"{self.configured}/{quote(namespace, safe='')}/{quote(group, safe='')}"
        answer = self.client.call("DELETE", path)
        # Gone already, perhaps by a request of ours whose answer did not arrive.
        if not 200 <= answer.status < 300 and answer.status != 404:
            raise self._refused(answer, f" of group {group}")

    def _refused(self, answer: Answer, what: str) -> DeployError:
        hints = {
            401: " (a tenant is said with --tenant)",
            404: " (--ruler-path says where the ruler's rules are set)",
            409: " (somebody else changes these rules: run it again when they are done)",
            413: " (the group is too large for the server: split it, or raise its limit)",
        }
        error = refused(f"{self.client.url}{self.configured}{what}", answer)
        return DeployError(error.code, f"{error}{hints.get(answer.status, '')}")

    def load(self) -> None:
        """It notices by itself."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        self._holds(wanted)
        seen = self._look()
        if seen is None:
            say("the ruler does not tell what it evaluates: only what it holds was verified")
            return
        look = self._looked
        verification.runs(look, self._adopted(wanted, seen), self.client.patience, self.wait, "It may take a minute.")
        for line in verification.evaluates(look, self._before, self.client.patience, self.wait):
            say(line)

    def restored(self, before: Mapping[str, str]) -> None:
        self._holds(before)

    def _holds(self, wanted: Mapping[str, str]) -> None:
        if lacking := differing(self.present(wanted), wanted):
            raise DeployError(Exit.UNVERIFIED, f"the ruler holds other rules than it was given in {', '.join(lacking)}")

    def _adopted(self, texts: Mapping[str, str], now: Running) -> tuple[Group, ...]:
        known = {(group.file, group.name): group.interval for group in now.groups}
        return tuple(
            group
            for each in groups_of(texts)
            for group in with_interval([each], known.get((each.file, each.name), 60.0))
        )

    def _looked(self) -> Running:
        return self._look() or Running()

    def _look(self) -> Running | None:
        """Return what it evaluates, None if it does not tell."""
        if not self.status:
            return None
        answer = self.client.get(self.status)
        if answer.status in (404, 405, 501):
            return None
        data = self.client.data_in(answer, self.status)
        return running(data, {stem(name): name for name in self._names})
