"""The configuration file of an Alertmanager, and its folder of templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from alertmanager.deploy.plan import Plan, changes, consequences
from alertmanager.deploy.server import Server, hash_of
from alertmanager.document import CONFIGURATION
from rules.deploy import durable, verification, writable
from rules.deploy.failure import DeployError, Exit
from rules.deploy.plan import differing
from rules.deploy.state import Files, State
from rules.deploy.targets.objects import within
from rules.deploy.transaction import Say

_RELOADING = 5.0


@dataclass
class ConfigurationFiles:
    """``templates_seen_as`` is the folder of templates as the server sees it."""

    path: Path
    templates: Path
    server: Server
    state: State
    templates_seen_as: str = ""
    _names: set[str] = field(default_factory=set)
    _hash: float = 0.0

    def present(self, names: Iterable[str]) -> dict[str, str]:
        self._names |= {*names, *self.state.owned}
        try:
            return {name: durable.read(self._place(name)) for name in sorted(self._names) if self._place(name).exists()}
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{error}") from error

    def _place(self, name: str) -> Path:
        return self.path if name == CONFIGURATION else self.templates / name

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        places = (self._place(name) for name in sorted(self._names | wanted.keys()))
        writable.need(places, (self.path.parent, self.templates), self.state.folder)
        new = _read(wanted[CONFIGURATION], CONFIGURATION)
        self._finds_templates(new, wanted)
        running = self.server.configuration()
        self._hash = self.server.hash()
        old = _read(running, "what the server runs")
        # Of the same make as the new one: the server's own words have every default in them.
        written = _read(present.get(CONFIGURATION, ""), str(self.path))
        files = differing(present, wanted)
        found = Plan(
            files,
            tuple(changes(written, new)),
            tuple(consequences(old, new, self.server.alerts())),
            stale=not files and self._hash != hash_of(wanted[CONFIGURATION]) and not _same(old, new),
        )
        for line in found.lines():
            say(line)
        for path in _missing(new, self.path.parent):
            say(f"{path} is not there: whoever is reached with it is not reached until it is")
        return found

    def _finds_templates(self, document: Mapping[str, Any], wanted: Mapping[str, str]) -> None:
        """Raise DeployError if the server would not find a template: it would not say so, and send empty messages."""
        folder = self.templates_seen_as or str(self.templates)
        patterns = [str(each) for each in document.get("templates") or ()]
        absolute = [each if each.startswith("/") else f"{self.path.parent}/{each}" for each in patterns]
        for name in sorted(wanted.keys() - {CONFIGURATION}):
            if not any(fnmatch(f"{folder}/{name}", pattern) for pattern in absolute):
                message = (
                    f"the configuration reads {', '.join(patterns) or 'no templates'}, and not {folder}/{name}: say"
                )
                raise DeployError(Exit.UNSUITABLE, f"{message} --server-templates, or change the settings")

    def write(self, files: Files) -> None:
        try:
            # Templates first: if the plug is pulled in between, no configuration wants one that is not there.
            for name, text in sorted(files.items(), key=lambda each: each[0] == CONFIGURATION):
                if text is None:
                    durable.remove(self._place(name))
                else:
                    durable.write(self._place(name), text, self.state.folder)
        except OSError as error:
            raise DeployError(Exit.UNWRITABLE, f"{error}") from error

    def load(self) -> None:
        self.server.reload()

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        verification.has_reloaded(self.server)
        self._runs(wanted[CONFIGURATION])
        say("loaded")

    def restored(self, before: Mapping[str, str]) -> None:
        if CONFIGURATION in before and self.server.hash() != self._hash:
            self._runs(before[CONFIGURATION])

    def _runs(self, text: str) -> None:
        """Wait until the server runs a configuration: known by its hash, or, if that is reckoned otherwise, by what it says."""
        patience = self.server.client.patience

        def same() -> bool:
            return self.server.hash() == hash_of(text) or _same(
                _read(self.server.configuration(), "what the server runs"), _read(text, CONFIGURATION)
            )

        if not patience.until(same, _RELOADING):
            message = (
                f"the server runs another configuration than {self.path}: was it started with another --config.file?"
            )
            raise DeployError(Exit.UNVERIFIED, message)


def _read(text: str, what: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DeployError(Exit.LINT, f"{what}: {error}") from error
    return document if isinstance(document, dict) else {}


def _same(running: Mapping[str, Any], written: Mapping[str, Any]) -> bool:
    """Say whether a server runs what is written: it fills in what was left out, and shows no secrets."""
    return within(written, running)


def _missing(document: Any, beside: Path) -> list[str]:
    """Return files of secrets that are said to be below the configuration's folder, and are not."""
    if isinstance(document, dict):
        own = [
            str(value)
            for key, value in document.items()
            if key.endswith("_file") and str(value).startswith(f"{beside}/") and not Path(str(value)).exists()
        ]
        return sorted({*own, *(path for value in document.values() for path in _missing(value, beside))})
    if isinstance(document, list):
        return sorted({path for value in document for path in _missing(value, beside)})
    return []
