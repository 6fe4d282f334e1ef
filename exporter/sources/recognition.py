"""Which position belongs to a file: its own, one that came with its content, or none.

In this order:

1. The position taken under this device and inode, if the content still fits it.
2. It does not fit, and the file has no name as rotation gives: it was truncated or written anew. It is read from its
   beginning, as soon as it is certain that it is not being restored at the moment.
3. The file repeats, byte for byte as far as can be checked, all that was read of another file: it is the same log
   moved, copied or compressed, and reading goes on where it stood. When the other file is still there, it is drained
   first, so that nothing is read from both; what a copy has is judged when the original is no more, since until then
   either may grow. At least START_BYTES must agree, so that two logs with the same first line stay two logs; fewer will do
   for a file with a rotated name whose original, of the same family, is gone or has nothing less.
4. Anything else is a new file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from exporter.sources.content import Content
from exporter.sources.position import START_BYTES, Identity, Position, at, digest, fits, head_fits, reaches
from exporter.sources.positions import Positions


@dataclass(frozen=True, slots=True)
class Recognised:
    """Where to read on in a file."""

    position: Position
    key: str | None = None
    """The key of the position; None when the file is to get one of its own."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """What is known of a file but for its content.

    ``held`` says that it was open all along, so that its inode cannot have gone to a new file; ``settled``, that it has
    kept its size for a while; ``patient``, that what is not complete will be.
    """

    identity: Identity
    family: str = ""
    rotated: bool = False
    held: bool = False
    settled: bool = True
    patient: bool = True


class Others(Protocol):
    """The other files that are there."""

    def unread(self, position: Position) -> bool | None:
        """Tell whether there is more to read behind a position; None: what it was taken in is not there any more."""

    def has_name(self, position: Position) -> bool:
        """Tell whether the file of a position is where the configuration says."""

    def is_known(self, position: Position) -> bool:
        """Tell whether there is a file of the identity that a position has."""

    def goes_on_like(self, position: Position, content: Content) -> bool:
        """Tell whether the file of a position has behind it what a content has there."""

    def begins_with(self, position: Position, content: Content) -> bool | None:
        """Tell whether the file of a position is there and begins with all of a content; None: not now.

        Of a content whose length nobody knows yet the answer is no.
        """


def recognise(content: Content, suspect: Suspect, positions: Positions, others: Others) -> Recognised | None:
    """Find the position of a file, or None when it cannot be told yet and the file has to wait."""
    key = positions.own(suspect.identity)
    new = Position(*suspect.identity, family=suspect.family)
    if key is None:
        return _inherited(content, suspect, positions, others, Recognised(new))
    position = positions.by_key[key]
    if position.copy_of in positions.by_key and fits(position, content):
        return _copied(content, suspect, positions, others, key)
    if fits(position, content):
        anew = Recognised(replace(position, copy_of=""), key)
    else:
        is_cut = suspect.held or head_fits(position, content)
        anew = Recognised(new, notes=("truncated" if is_cut else "replaced",))
    if position.offset and anew.key:
        # An inode that is used again may well hold a copy of what it held.
        is_sure = suspect.held or not suspect.rotated
        return anew if is_sure else overtaken(anew, content, suspect, positions, others)
    if suspect.rotated:
        # The inode of a file that is gone, given to one that rotation has made since: most likely a copy.
        return _inherited(content, suspect, positions, others, anew)
    if position.offset and suspect.patient and not suspect.settled and _shrunk(position, content):
        return None
    return anew


def _copied(content: Content, suspect: Suspect, positions: Positions, others: Others, key: str) -> Recognised | None:
    """Find out what a copy has that its original did not give; wait while the original has all of it."""
    original = positions.by_key[positions.by_key[key].copy_of]
    has_all = reaches(original, content)
    is_on_its_way = suspect.patient and not has_all and content.incomplete
    is_whole = has_all and content.finished
    state = others.unread(original)
    if is_on_its_way or state or (not is_whole and others.begins_with(original, content) is not False):
        return None
    own = Position(*suspect.identity, family=suspect.family)
    if has_all:
        if not fits(original, content):
            return _inherited(content, suspect, positions, others, Recognised(own, key))
        return Recognised(_taken_over(original, suspect), key, ("already_seen",))
    if state is not None:
        return Recognised(own, key)  # Two logs that began alike.
    length = content.length
    if suspect.patient and (length is None or not suspect.settled):
        return None
    # The original was read further than it was copied, and is no more.
    return Recognised(at(own, content, length or 0), key, ("already_seen",))


def overtaken(
    found: Recognised, content: Content, suspect: Suspect, positions: Positions, others: Others
) -> Recognised:
    """Return where a file that is gone is to be read on, given that a copy of it may have been read further."""
    for _, position in _alike(content.read(0, START_BYTES), suspect, positions, others):
        if position.offset > found.position.offset and reaches(position, content) and fits(position, content):
            return replace(found, position=_taken_over(position, suspect))
    return found


def _taken_over(position: Position, suspect: Suspect) -> Position:
    device, inode = suspect.identity
    return replace(position, device=device, inode=inode, family=suspect.family, copy_of="", seen=None)


def _shrunk(position: Position, content: Content) -> bool:
    """Tell whether what is left of a file may be the beginning of what it was: somebody may be writing it back."""
    if reaches(position, content):
        return False
    start = content.read(0, START_BYTES)
    return not start or (len(start) == START_BYTES and digest(start) == position.start)


def _inherited(
    content: Content, suspect: Suspect, positions: Positions, others: Others, otherwise: Recognised
) -> Recognised | None:
    start = content.read(0, START_BYTES)
    if suspect.patient and len(start) < START_BYTES and content.incomplete:
        return None
    for key, position in _alike(start, suspect, positions, others):
        if suspect.patient:
            has_all = reaches(position, content)
            # A gzip file knows how long it is, and that it is complete, once it was inflated so far.
            is_copy = not (has_all and content.finished) and others.begins_with(position, content)
            if is_copy is None or (content.incomplete and not has_all):
                return None  # It cannot be told now, or the log is being compressed and will get there.
            if is_copy:
                linked = Position(*suspect.identity, copy_of=key, family=suspect.family)
                return Recognised(at(linked, content, content.length or 0), notes=otherwise.notes)
        if reaches(position, content) and fits(position, content):
            return _continued(content, suspect, key, position, others, otherwise)
    return otherwise


def _continued(
    content: Content, suspect: Suspect, key: str, position: Position, others: Others, otherwise: Recognised
) -> Recognised | None:
    """Go on behind what was read of another file, once that is drained."""
    state = others.unread(position)
    if state:
        return None
    has_name = state is not None and others.has_name(position)
    if has_name and position.offset < START_BYTES and not others.goes_on_like(position, content):
        return otherwise
    # A file that holds something else now is yet to be noted as truncated: its position is not given away.
    moved = not has_name and (state is not None or not others.is_known(position))
    return Recognised(_taken_over(position, suspect), key if moved else None, (*otherwise.notes, "already_seen"))


def _alike(start: bytes, suspect: Suspect, positions: Positions, others: Others) -> list[tuple[str, Position]]:
    """Give the positions whose content may be this one, the furthest first, of equals those of files that have lost their names.

    The same inode on another device is the same file after a remount, however short it is; of files that are short, or
    were not read far, those of the same family may do.
    """
    likeness, inode = positions.likeness, suspect.identity[1]
    keys = dict.fromkeys(likeness.keys("start", digest(start), short=False))
    for short in (False, True):
        keys.update(dict.fromkeys(likeness.keys("inode", inode, short=short)))
        if suspect.rotated and (short or len(start) < START_BYTES):
            keys.update(dict.fromkeys(likeness.keys("family", suspect.family, short=short)))
    found = [(key, positions.by_key[key]) for key in keys if key in positions.by_key]
    found = [(key, position) for key, position in found if position.offset and not position.copy_of]
    found = [item for item in found if item[1].identity != suspect.identity]
    return sorted(found, key=lambda item: (-item[1].offset, others.has_name(item[1]), not others.is_known(item[1])))
