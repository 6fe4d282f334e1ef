"""Files that have lost the names that the configuration asks for, and where they are now.

A log may be renamed or compressed out of reach of a glob while nobody watches it, and a younger one after it: what they
hold would never be read. So when the file of a position has gone, its folder is searched for files that carry the names
that rotation gives to the log: those that are known by their inode are read on, and so are those that were written to
after the last look. Whether one of the latter is a copy of what was read is told by its content, as of any other file.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.sources import reach
from exporter.sources.globbing import is_glob
from exporter.sources.handles import Handle, Handles, family_of
from exporter.sources.listing import Listed, Listing, leads_to_folder
from exporter.sources.naming import stem, unready
from exporter.sources.position import Identity, Position
from exporter.sources.positions import Positions

RECENT = 3_600_000_000_000
"""Nanoseconds: a file that was written to so shortly before the last one that was, may have been written to later."""
_NEVER = 1 << 63


@dataclass(slots=True)
class Astray:
    """What is missing, and what was found. What is kept here is a matter of when, not of what, is read."""

    patterns: Sequence[str]
    missing: dict[str, int] = field(default_factory=dict)
    """Passes by key of position."""
    unread: dict[Identity, int] = field(default_factory=dict)
    """Passes by files that went before anything was read of them."""
    passes: int = 0
    found: dict[Identity, str] = field(default_factory=dict)
    """Paths that the configuration does not ask for."""

    def look(self, listing: Listing, handles: Handles, positions: Positions) -> dict[Identity, Listed]:
        """Return the files that are to be read besides those of the listing."""
        lost = _lost(listing, handles, positions)
        nameless = [handle for handle in handles if handle.identity not in listing.files]
        strayed = self._forget_moved(listing)
        is_news = (
            bool(strayed) or any(handle.listed for handle in nameless) or any(key not in self.missing for key in lost)
        )
        if not listing.errors:  # Files in a folder that cannot be looked at are not gone.
            self.missing = {key: self.missing.get(key, 0) + 1 for key in lost}
            self._count_unread(listing, nameless, positions)
        self.passes += 1
        # Now and then all the same: an inode that is used again hides that it is another file.
        if is_news or _rotated(listing, handles, positions) or self.passes % handles.patience == 0:
            self._search(listing, [positions.by_key[key] for key in lost], nameless, positions)
        return {identity: file for identity, path in self.found.items() if (file := _at(path)) is not None}

    def given_up(self, positions: Positions, patience: int) -> list[str]:
        """Return the keys of the positions whose files were looked for long enough."""
        keys = [key for key, passes in self.missing.items() if passes > patience]
        return [key for key in keys if key in positions.by_key and not positions.by_key[key].gone]

    def never_read(self, patience: int) -> int:
        """Return how many files nobody will ever see, and forget them."""
        gone = [identity for identity, passes in self.unread.items() if passes > patience]
        for identity in gone:
            del self.unread[identity]
        return len(gone)

    def _count_unread(self, listing: Listing, nameless: Sequence[Handle], positions: Positions) -> None:
        for handle in nameless:
            if handle.identity in self.found:
                continue
            if handle.descriptor is None and handle.stat.st_size and positions.own(handle.identity) is None:
                self.unread.setdefault(handle.identity, 0)
        known = {*listing.files, *self.found}
        self.unread = {each: passes + 1 for each, passes in self.unread.items() if each not in known}

    def _search(
        self, listing: Listing, lost: Sequence[Position], nameless: Sequence[Handle], positions: Positions
    ) -> None:
        siblings = list(_siblings(self.patterns, listing))
        wanted = {position.identity for position in lost} | {handle.identity for handle in nameless}
        written = [(position.family, position.written) for position in lost]
        written += [(handle.family, handle.stat.st_mtime_ns) for handle in nameless]
        written += [(family_of(file.path), file.stat.st_mtime_ns) for file in siblings if _identity(file) in wanted]
        # Whatever was written to since is younger than what was read, or the rest of it.
        since = _last_written(positions) | _least(written)
        for file in siblings:
            is_younger = file.stat.st_mtime_ns >= since.get(family_of(file.path), _NEVER)
            if _identity(file) in wanted or (is_younger and not _is_done(file, positions)):
                self.found[_identity(file)] = file.path

    def _forget_moved(self, listing: Listing) -> bool:
        """Forget what is no longer where it was found; tell whether that is to be looked for again."""
        moved = {
            identity
            for identity, path in self.found.items()
            if identity in listing.files or (file := _at(path)) is None or _identity(file) != identity
        }
        for identity in moved:
            del self.found[identity]
        return not moved <= listing.files.keys()


def _rotated(listing: Listing, handles: Handles, positions: Positions) -> bool:
    """Tell whether there are files that are new or may have been emptied: where one was rotated, several may have been."""
    known = ((handles.get(identity), file) for identity, file in listing.files.items())
    return any(
        handle is None or not handle.listed or handle.lost_by(file.stat) or _began(handle, file, positions)
        for handle, file in known
    )


def _began(handle: Handle, file: Listed, positions: Positions) -> bool:
    """Tell whether a file that nobody read a line of has grown: what is in it need not be the first that was."""
    key = positions.own(handle.identity)
    is_unread = key is None or not positions.by_key[key].offset
    return is_unread and file.stat.st_mtime_ns != handle.stat.st_mtime_ns


def _last_written(positions: Positions) -> dict[str, int]:
    """Return by family when what was read was last written to."""
    last: dict[str, int] = {}
    for position in positions.by_key.values():
        last[position.family] = max(position.written, last.get(position.family, 0))
    return last


def _least(written: Sequence[tuple[str, int]]) -> dict[str, int]:
    least: dict[str, int] = {}
    for family, moment in written:
        if moment:
            least[family] = min(moment, least.get(family, moment))
    return least


def is_loss(position: Position, positions: Positions) -> bool:
    """Tell whether something may have been in a file that is gone behind what was read of it."""
    if not position.inode or position.copy_of:
        return False  # It was truncated, which has been counted, or had nothing of its own.
    last = max(other.written for other in positions.by_key.values())
    return position.seen is None or position.written >= last - RECENT


def _lost(listing: Listing, handles: Handles, positions: Positions) -> list[str]:
    """Return the keys of the positions whose files are neither there nor held open."""
    held = {handle.identity for handle in handles if handle.descriptor is not None}
    return [
        key
        for key, position in positions.by_key.items()
        if not position.gone and position.identity not in listing.files and position.identity not in held
    ]


def _is_done(file: Listed, positions: Positions) -> bool:
    key = positions.own(_identity(file))
    return key is not None and positions.by_key[key].seen == (file.stat.st_size, file.stat.st_mtime_ns)


def _siblings(patterns: Sequence[str], listing: Listing) -> Iterator[Listed]:
    """Yield the files beside the log's that are called like one of them but for rotation, and are not listed."""
    for folder, names in _names(patterns, listing).items():
        for path in _inside(folder):
            name = os.path.basename(path)  # noqa: PTH119 - there may be thousands
            if not unready(name) and stem(name) != name and names.fullmatch(stem(name)):
                file = _at(path)
                if file is not None and _identity(file) not in listing.files:
                    yield file


def _names(patterns: Sequence[str], listing: Listing) -> Mapping[str, re.Pattern[str]]:
    """Return what logs are called, by folder; a link's log lies in the folder that it leads to."""
    names: dict[str, set[str]] = {}
    listed = [file.path for file in listing.files.values()]
    targets = [os.path.realpath(path) for path in listed if os.path.islink(path)]  # noqa: PTH114 - there may be thousands
    for path in (*listed, *targets, *(pattern for pattern in patterns if not leads_to_folder(pattern))):
        folder, name = os.path.split(path)
        exact = path not in patterns or not is_glob(name) or os.path.lexists(path)
        names.setdefault(folder, set()).add(re.escape(stem(name)) if exact else fnmatch.translate(name))
    return {folder: re.compile("|".join(sorted(each))) for folder, each in names.items() if not is_glob(folder)}


def _inside(folder: str) -> list[str]:
    try:
        with os.scandir(folder or ".") as entries:
            return [entry.path if folder else entry.name for entry in entries]
    except OSError:
        return []  # The listing has complained about it, or it is not there.


def _at(path: str) -> Listed | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None  # It went in between, or leads nowhere.
    return Listed(path, status) if stat.S_ISREG(status.st_mode) and reach.is_within(path) else None


def _identity(file: Listed) -> Identity:
    return file.stat.st_dev, file.stat.st_ino
