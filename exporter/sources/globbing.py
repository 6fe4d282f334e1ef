"""Paths that a pattern matches, by the rules of the standard library's `glob`, which keeps to itself what it cannot look into.

Names that begin with a dot are matched by patterns that do; ``**`` stands for any number of folders, hidden ones
excepted; links are followed.

**Links that lead back.** Two links to their own folder make 2^40 paths behind ``**`` before the system says that these
are too many. What is in a folder and which parts of the pattern are still to be matched there say what comes of it,
whatever the way to it: so with ``**`` a folder is looked into once for each part. The tree is walked in the order of
paths, thus under the first of them.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from exporter.sources.position import Identity

_ANY_DEPTH = "**"
# Every volume of the ext file systems has one at its top that nobody but root may look into.
_OF_THE_SYSTEM = "lost+found"


def is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def matches(pattern: str, errors: list[str], is_passed_over: Callable[[str], bool] | None = None) -> Iterator[str]:
    """Yield the paths, folders among them, in no order; why folders could not be looked into is added to ``errors``.

    ``is_passed_over`` tells of a name that a wildcard would match whether it is left out, with all that is in it.
    A folder that is not there is no error.
    """
    first = next(index for index, sign in enumerate(pattern) if is_glob(sign))
    cut = pattern.rfind("/", 0, first) + 1
    parts = pattern[cut:].split("/")
    parts = [part for part in parts[:-1] if part] + parts[-1:]
    return _Walk(parts, errors, is_passed_over).below(pattern[:cut].rstrip("/") or pattern[:cut])


def is_folder(entry: os.DirEntry[str], errors: list[str]) -> bool:
    """Say whether it is one or a link to one; what cannot be told is an error."""
    try:
        return entry.is_dir()
    except OSError as error:
        blame(entry.path, error, errors)
        return False


def blame(path: str, error: OSError, errors: list[str]) -> None:
    """Note why a path could not be looked at, unless because it is not there."""
    is_absent = isinstance(error, FileNotFoundError | NotADirectoryError)
    is_usual = isinstance(error, PermissionError) and _OF_THE_SYSTEM in path.split("/")
    if not is_absent and not is_usual:
        errors.append(f"{path}: {error.strerror}")


@dataclass(slots=True)
class _Turn:
    """What is to be matched in a folder: parts by their numbers."""

    wild: list[tuple[str, int]] = field(default_factory=list)
    """Patterns for folders, and the part whose turn it is in these."""
    spelled: list[tuple[str, int]] = field(default_factory=list)
    """The same, of names that are no patterns."""
    last: str | None = None
    is_last_wild: bool = False


@dataclass(slots=True)
class _Walk:
    parts: list[str]
    errors: list[str]
    is_passed_over: Callable[[str], bool] | None
    seen: dict[Identity, frozenset[int]] = field(default_factory=dict)
    turns: dict[frozenset[int], _Turn] = field(default_factory=dict)

    def below(self, start: str) -> Iterator[str]:
        waiting = [(start, self._reached(0))]
        is_deep = _ANY_DEPTH in self.parts
        while waiting:
            folder, numbers = waiting.pop()
            # Without ** a path has as many parts as the pattern: none goes on for ever.
            numbers = self._new(folder, numbers) if is_deep else numbers
            if numbers:
                turn = self.turns.get(numbers) or self._turn(numbers)
                inside = self._inside(folder) if turn.wild or turn.is_last_wild else []
                prefix = os.path.join(folder, "")  # noqa: PTH118 - no more than a slash, where there is none
                yield from self._found(turn, prefix, inside)
                # The first in the order of paths is popped first.
                further = sorted(self._further(turn, inside).items(), key=_in_paths, reverse=True)
                waiting += [(prefix + name, reached) for name, reached in further]

    def _reached(self, number: int) -> frozenset[int]:
        """Return the parts whose turn it is behind others: ``**`` may stand for no folder at all."""
        end = number
        while end < len(self.parts) - 1 and self.parts[end] == _ANY_DEPTH:
            end += 1
        return frozenset(range(number, end + 1))

    def _turn(self, numbers: frozenset[int]) -> _Turn:
        turn = self.turns[numbers] = _Turn()
        for number in numbers:
            part, is_last = self.parts[number], number == len(self.parts) - 1
            if is_last:
                turn.last, turn.is_last_wild = part, is_glob(part)
            if part == _ANY_DEPTH:
                turn.wild.append((part, number))
            elif not is_last:
                (turn.wild if is_glob(part) else turn.spelled).append((part, number + 1))
        return turn

    def _new(self, folder: str, numbers: frozenset[int]) -> frozenset[int]:
        """Return the parts that were not yet looked for in this folder, under whatever path."""
        try:
            status = os.stat(folder or ".")  # noqa: PTH116 - there may be thousands
        except OSError as error:
            blame(folder or ".", error, self.errors)
            return frozenset()
        here = (status.st_dev, status.st_ino)
        seen = self.seen.get(here)
        self.seen[here] = numbers if seen is None else seen | numbers
        return numbers if seen is None else numbers - seen

    def _inside(self, folder: str) -> list[os.DirEntry[str]]:
        inside: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder or ".") as entries:
                inside.extend(entries)  # Where it breaks off, what came before is there all the same.
        except OSError as error:
            blame(folder or ".", error, self.errors)
        return inside

    def _found(self, turn: _Turn, prefix: str, inside: list[os.DirEntry[str]]) -> list[str]:
        """Return the paths that the last part matches, if it is its turn."""
        if turn.last is None:
            return []
        if turn.is_last_wild:
            return [prefix + name for name in self._matching(turn.last, [entry.name for entry in inside])]
        return [prefix + turn.last] if self._is_there(prefix + turn.last) else []

    def _further(self, turn: _Turn, inside: list[os.DirEntry[str]]) -> dict[str, frozenset[int]]:
        """Return the folders to go into, and the parts whose turn it is there."""
        further: dict[str, frozenset[int]] = {}
        for part, number in turn.wild:
            reached = self._reached(number)
            for name in self._matching(part, [entry.name for entry in inside]):
                further[name] = further.get(name, reached) | reached
        if further:
            # Of others it is not asked what they are.
            folders = {entry.name for entry in inside if entry.name in further and is_folder(entry, self.errors)}
            further = {name: reached for name, reached in further.items() if name in folders}
        for name, number in turn.spelled:
            further[name] = further.get(name, frozenset()) | self._reached(number)
        return further

    def _matching(self, part: str, names: list[str]) -> list[str]:
        if not part.startswith("."):
            names = [name for name in names if name[0] != "."]
        if part != _ANY_DEPTH:
            names = fnmatch.filter(names, part)
        skip = self.is_passed_over
        return names if skip is None else [name for name in names if not skip(name)]

    def _is_there(self, path: str) -> bool:
        try:
            os.lstat(path)
        except OSError as error:
            blame(path, error, self.errors)
            return False
        return True


def _in_paths(step: tuple[str, frozenset[int]]) -> str:
    return step[0] + "/"
