"""Rule files that a Prometheus, or a Thanos ruler, reads from a folder."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rules.deploy import durable, suitability, verification, writable
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Group, Running, groups_of, running
from rules.deploy.plan import Plan, differing, plan, with_interval
from rules.deploy.plan_text import lines
from rules.deploy.prometheus import Server
from rules.deploy.state import Files, State
from rules.deploy.transaction import Say
from rules.seal import is_genuine


@dataclass
class RuleFiles:
    """``seen_as`` is the folder as the server sees it, "" to find out; ``wait`` seconds are spent on a first evaluation."""

    folder: Path
    server: Server
    state: State
    seen_as: str = ""
    wait: float = 90.0
    keep_alerts: bool = False
    short_retention: bool = False
    # After a reload everything is there at once; SIGHUP was waited for.
    loading: float = 5.0
    _names: set[str] = field(default_factory=set)
    _before: Running = field(default_factory=Running)
    _interval: float = 0.0

    def present(self, names: Iterable[str]) -> dict[str, str]:
        self._names |= {*names, *self.state.owned}
        try:
            paths = [self.folder / name for name in sorted(self._names)]
            return {path.name: durable.read(path) for path in paths if path.exists()}
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{self.folder}: {error}") from error

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        names = sorted(self._names | wanted.keys())
        writable.need((self.folder / name for name in names), (self.folder,), self.state.folder)
        configuration = self.server.configuration() if self.server.kind.stores else {}
        self._interval = suitability.interval_of(configuration) if configuration else 0.0
        suitability.does_not_read(suitability.patterns_of(configuration), self.state.folder, self.folder)
        self._before = self._look()
        groups = self._groups(wanted, self._before)
        found = plan(differing(present, wanted), groups, self._before, self.server.version())
        for line in lines(found):
            say(line)
        for name in sorted(name for name, text in present.items() if not is_genuine(text)):
            say(f"{name} was changed by hand where it is deployed: the change is lost, a backup keeps it")
        if not found.nothing:
            self._suits(found, groups)
        return found

    def _suits(self, found: Plan, groups: tuple[Group, ...]) -> None:
        if self.keep_alerts:
            suitability.leave_alerts_alone(found)
        if not self.server.kind.stores:
            return
        self.server.need_reloading()
        if not self.short_retention:
            suitability.need_history(groups, self.server.retention())
        suitability.can_evaluate(self.server, found, groups)

    def write(self, files: Files) -> None:
        try:
            for name, text in files.items():
                if text is None:
                    durable.remove(self.folder / name)
                else:
                    durable.write(self.folder / name, text, self.state.folder)
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{self.folder}: {error}") from error

    def load(self) -> None:
        self.server.reload()

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        verification.has_reloaded(self.server)
        self._runs(wanted)
        say(f"loaded; waiting {self.wait:g} s at most for every rule's first evaluation")
        for line in verification.evaluates(
            self._look, self._before, self.server.client.patience, self.wait, self.server
        ):
            say(line)

    def restored(self, before: Mapping[str, str]) -> None:
        if set(self._look().groups) != set(self._before.groups):
            self._runs(before)

    def _runs(self, wanted: Mapping[str, str]) -> None:
        look, patience = self._look, self.server.client.patience
        hint = f"Do its rule_files name {self.folder}/*.yml?" if wanted and not self._before.groups else ""
        verification.runs(look, self._groups(wanted, look()), patience, self.loading, hint)

    def _groups(self, texts: Mapping[str, str], now: Running) -> tuple[Group, ...]:
        """Read files; a group without an interval has the server's, which it may not tell but by what it runs."""
        groups = groups_of(texts, self._interval)
        known = {(group.file, group.name): group.interval for group in now.groups}
        return tuple(
            group for each in groups for group in with_interval([each], known.get((each.file, each.name), 60.0))
        )

    def _look(self) -> Running:
        data = self.server.groups()
        return running(data, self._ours({str(group.get("file", "")) for group in data.get("groups") or ()}))

    def _ours(self, files: set[str]) -> dict[str, str]:
        """Return our names of the server's files."""
        named = {path for path in files if posixpath.basename(path) in self._names}
        folders = {posixpath.dirname(path) for path in named}
        place = self.seen_as or (str(self.folder) if str(self.folder) in folders or not folders else min(folders))
        if not self.seen_as and place != str(self.folder) and len(folders) > 1:
            message = f"the server has files of these names in {', '.join(sorted(folders))}: say --server-folder"
            raise DeployError(Exit.UNSUITABLE, message)
        return {path: posixpath.basename(path) for path in named if posixpath.dirname(path) == place}
