"""A running Grafana, through its HTTP API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dashboards.deploy.content import canonical, differences, essence, sum_of
from dashboards.deploy.entry import FOLDER, Entry, name_of
from dashboards.deploy.plan import Plan, lines, plan
from dashboards.deploy.refusal import OWNED_BY_FILES, ConflictError
from dashboards.deploy.seal import is_genuine, seal_of, sealed, without
from dashboards.deploy.server import Api, Served
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import Files, State
from rules.deploy.targets.exported import stem
from rules.deploy.transaction import Say

_MOST = 3


@dataclass
class Grafana:
    """Its files are entries, and the folder. ``diff``: say line by line what changes; ``force``: overwrite what others changed.

    Every dashboard is written in the place of the version that was looked at: what somebody saves meanwhile is not lost.
    """

    api: Api
    state: State
    folder: str
    diff: bool = False
    force: bool = False
    prune: bool = False
    # What is written is there at once; lists are made from an index that follows.
    settling: float = 5.0
    _served: dict[str, Served | None] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)
    _written: Files = field(default_factory=dict)

    def present(self, names: Iterable[str]) -> dict[str, str]:
        named = {*names}
        title = self.api.folder(self.folder)
        inside = self.api.inside(self.folder) if title is not None else ()
        uids = {stem(name) for name in {*named, *self.state.owned} - {FOLDER}} | {*inside}
        self._served = {uid: self.api.dashboard(uid) for uid in sorted(uids)}
        found = {} if title is None else {FOLDER: json.dumps({"uid": self.folder, "title": title}) + "\n"}
        for uid, served in self._served.items():
            if served is not None and (name_of(uid) in named or _is_ours(served)):
                found[name_of(uid)] = served.entry.text
        return found

    def examine(self, wanted: Mapping[str, str], present: Mapping[str, str], say: Say) -> Plan:
        self._owned_by_nobody_else(wanted)
        found = plan(wanted, present, prune=self.prune)
        for line in lines(found, present, diff=self.diff):
            say(line)
        if found.edited and not self.force:
            said = "; ".join(f"{name} {how}" for name, how in found.edited.items())
            message = f"{said}: take the change into dashboards/boards, or say --force; nothing was changed"
            raise DeployError(Exit.EDITED, message)
        for name, how in found.edited.items():
            say(f"{name} {how}: that is lost, a backup keeps it")
        return found

    def _owned_by_nobody_else(self, wanted: Mapping[str, str]) -> None:
        for name in wanted:
            served = self._served.get(stem(name))
            if served is not None and served.owner:
                message = f"{name} is provisioned by {served.owner}{OWNED_BY_FILES}"
                raise DeployError(Exit.UNSUITABLE, message)

    def write(self, files: Files) -> None:
        self._written = files
        if files.get(FOLDER) is not None:
            self.api.make_folder(self.folder, str(json.loads(files[FOLDER] or "")["title"]))
        for name, text in files.items():
            if name != FOLDER and text is not None:
                self._set(stem(name), Entry.of(text))
        for name, text in files.items():
            if name != FOLDER and text is None:
                self._remove(stem(name))
        if FOLDER in files and files[FOLDER] is None:
            self._leave()

    def _set(self, uid: str, entry: Entry) -> None:
        before = self._before(uid)
        if before is not None and before.entry.equals(entry):
            return
        known = uid in self._touched
        self._touched.add(uid)
        try:
            self._served[uid] = self.api.save(uid, entry, before)
        except ConflictError:
            now = self.api.dashboard(uid)
            # A request of ours may have arrived though its answer did not.
            if now is None or not _arrived(now, entry, before):
                if not known:
                    self._touched.discard(uid)
                raise
            self._served[uid] = now
        except BaseException:
            # Whether it was written is not known.
            self._served.pop(uid, None)
            raise

    def _remove(self, uid: str) -> None:
        before, now = self._before(uid), self.api.dashboard(uid)
        if now is None:
            return
        if before is not None and before.version != now.version:
            raise ConflictError(Exit.EDITED, f"{uid}: somebody saved it while this ran: look at it, and run it again")
        self._touched.add(uid)
        # Until there is an answer, whether it is removed is not known.
        del self._served[uid]
        self.api.remove(uid)
        self._served[uid] = None

    def _before(self, uid: str) -> Served | None:
        if uid not in self._served:
            self._served[uid] = self.api.dashboard(uid)
        return self._served[uid]

    def _leave(self) -> None:
        """Remove the folder, unless something of others is in it."""
        if self.api.folder(self.folder) is None:
            return
        if self.api.client.patience.until(lambda: self.api.is_empty(self.folder), self.settling):
            self.api.remove_folder(self.folder)

    def load(self) -> None:
        """What is written is shown."""

    def verify(self, wanted: Mapping[str, str], say: Say) -> None:
        for name, text in wanted.items():
            if name != FOLDER:
                self._holds(stem(name), Entry.of(text), say)

    def _holds(self, uid: str, entry: Entry, say: Say) -> None:
        served = self.api.dashboard(uid)
        if served is not None and served.entry.fulfils(entry):
            return
        if served is None or not _resembles(served.entry, entry):
            message = f"Grafana does not show {uid} as it was sent{_where(served, entry)}"
            raise DeployError(Exit.UNVERIFIED, message)
        say(f"{uid}: Grafana keeps it in other words than it was sent{_where(served, entry)}")
        if seal_of(entry.dashboard) is not None:
            self._adopt(uid, entry, served, say)

    def _adopt(self, uid: str, entry: Entry, served: Served, say: Say) -> None:
        """Write the sum of what the server made of a dashboard into its seal, so that only a change by hand is one."""
        self._served[uid] = served
        self._set(uid, Entry(entry.folder, sealed(entry.dashboard, sum_of(without(served.entry.dashboard)))))
        now = self.api.dashboard(uid)
        if now is None or not is_genuine(now.entry.dashboard):
            say(f"{uid}: Grafana changes its words each time: the next deployment will need --force")

    def restored(self, before: Mapping[str, str]) -> None:
        names = [name for name in self._written if stem(name) in self._touched]
        if wrong := [name for name in names if not _same(self._written[name], before.get(name))]:
            raise DeployError(Exit.UNVERIFIED, f"Grafana does not show {', '.join(wrong)} as before")


def _same(text: str | None, other: str | None) -> bool:
    if text is None or other is None:
        return text is other
    return Entry.of(text).equals(Entry.of(other))


def _is_ours(served: Served) -> bool:
    return seal_of(served.entry.dashboard) is not None and not served.owner


def _arrived(now: Served, entry: Entry, before: Served | None) -> bool:
    """Say whether what is there is what was sent: by its seal, if that is not the one that was there before."""
    sent, found = seal_of(entry.dashboard), seal_of(now.entry.dashboard)
    known = seal_of(before.entry.dashboard) if before is not None else None
    return now.entry.equals(entry) or (sent is not None and sent == found and sent != known)


def _resembles(served: Entry, sent: Entry) -> bool:
    """Say whether a dashboard is the one that was sent, though the server may have changed details of it."""
    return served.folder == sent.folder and essence(served.dashboard) == essence(sent.dashboard)


def _where(served: Served | None, entry: Entry) -> str:
    if served is None:
        return ": it is not there"
    if served.entry.folder != entry.folder:
        return f": it is in folder {served.entry.folder or 'General'}"
    found = list(differences(canonical(entry.dashboard), canonical(served.entry.dashboard)))
    return f": {', '.join(found[:_MOST])}{f' and {len(found) - _MOST} more' if len(found) > _MOST else ''}"
