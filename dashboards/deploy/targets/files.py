"""Files that a Grafana provisions dashboards from: a folder of JSON, and the provider that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dashboards.deploy.content import essence
from dashboards.deploy.documents import document_of
from dashboards.deploy.server import Api
from rules.deploy import durable, writable
from rules.deploy.failure import DeployError, Exit
from rules.deploy.plan import differing
from rules.deploy.state import Files, State
from rules.deploy.targets.objects import Plan
from rules.deploy.transaction import Say

PROVIDER = "provider.yml"
"""Stands among the files for the provider, wherever that is."""


@dataclass
class ProvisionedFiles:
    """``provider`` is the file below Grafana's ``provisioning/dashboards``; ``api`` tells after ``wait`` seconds what it shows."""

    folder: Path
    state: State
    provider: Path | None = None
    api: Api | None = None
    wait: float = 90.0
    _names: set[str] = field(default_factory=set)

    def present(self, names: Iterable[str]) -> dict[str, str]:
        self._names |= {*names, *self.state.owned}
        try:
            places = {name: self._place(name) for name in sorted(self._names)}
            return {name: durable.read(path) for name, path in places.items() if path is not None and path.exists()}
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{error}") from error

    def _place(self, name: str) -> Path | None:
        return self.provider if name == PROVIDER else self.folder / name

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        if self.state.folder.is_relative_to(self.folder):
            message = f"{self.state.folder} is where Grafana reads dashboards, and it would show backups: say --state"
            raise DeployError(Exit.USAGE, message)
        places = [path for path in map(self._place, sorted(self._names | wanted.keys())) if path is not None]
        writable.need(places, {path.parent for path in places} | {self.folder}, self.state.folder)
        found = Plan(differing(present, wanted))
        for line in found.lines():
            say(line)
        return found

    def write(self, files: Files) -> None:
        try:
            # The provider last: it finds everything there.
            for name, text in sorted(files.items(), key=lambda each: each[0] == PROVIDER):
                path = self._place(name)
                if path is None:
                    continue
                if text is None:
                    durable.remove(path)
                else:
                    durable.write(path, text, self.state.folder)
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{error}") from error

    def load(self) -> None:
        """Grafana looks at them by itself."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        self.restored(wanted)
        if self.api is None:
            say(
                "written; Grafana takes dashboards within 30 s, a new provider when it starts: with --url that is verified"
            )
            return
        lacking: list[str] = []

        def shown() -> bool:
            lacking[:] = self._not_shown(wanted)
            return not lacking

        if not self.api.client.patience.until(shown, self.wait):
            said = f"after {self.wait:g} s Grafana does not show {', '.join(lacking)} as they are in {self.folder}"
            raise DeployError(Exit.UNVERIFIED, f"{said}: is its provider there, and was Grafana started since?")

    def _not_shown(self, wanted: Mapping[str, str]) -> Iterator[str]:
        assert self.api is not None
        for name, text in wanted.items():
            if name == PROVIDER:
                continue
            document = document_of(name, text)
            served = self.api.dashboard(str(document["uid"]))
            if served is None or essence(served.entry.dashboard) != essence(document):
                yield name

    def restored(self, before: Mapping[str, str]) -> None:
        if wrong := differing(self.present(before), before):
            raise DeployError(Exit.UNVERIFIED, f"{', '.join(wrong)}: not what was written: who else writes there?")
