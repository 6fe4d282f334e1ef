"""Which files of a folder are a log's, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

# What rotation puts behind a name: predictions.jsonl.1, predictions.jsonl-20260201.gz, predictions.jsonl.2026-02-01.
_ROTATED = r"(?:[.-]\d[\d.:t_-]*)?"
# The same in front of the suffix, where it has to look like a date: predictions-20260201.jsonl.
_DATED = re.compile(r"[.-]\d{4}[\d:t_-]{2,}[\d.:t_-]*(?=\.[a-z][a-z0-9]*$)", re.IGNORECASE)
_AT_END = re.compile(_ROTATED.removesuffix("?") + "$", re.IGNORECASE)
# Names under which programs keep what is not theirs to read yet, or no data at all.
_UNREADY = (".tmp", ".temp", ".partial", ".part", ".inprogress", ".crc", "._copying_")


@dataclass(frozen=True)
class Names:
    """What files of a format are called. ``whole`` says that they are written once, so that nothing rotates them."""

    format: str
    suffixes: Sequence[str]
    whole: bool = False

    def fits(self, name: str) -> bool:
        """Say whether a file that lies in a folder belongs to the log."""
        return not unready(name) and self._pattern.search(name.lower()) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        ending = "" if self.whole else rf"{_ROTATED}(?:\.gz)?"
        return re.compile(f"(?:{'|'.join(map(re.escape, self.suffixes))}){ending}$")


def unready(name: str) -> bool:
    """Say whether a name marks what is still being written, or hidden: ``_temporary``, ``.part-0.crc``, ``x.tmp``."""
    return name.startswith(("_", ".")) or name.lower().endswith(_UNREADY)


def stem(name: str) -> str:
    """Return what a log is called apart from what rotation has done to its name.

    >>> [stem(name) for name in ("app.log", "app.log.2.gz", "app.log-20260201", "app-20260201.log")]
    ['app.log', 'app.log', 'app.log', 'app.log']
    """
    plain = name[:-3] if name.lower().endswith(".gz") else name
    return _DATED.sub("", _AT_END.sub("", plain))


def is_rotated(name: str) -> bool:
    """Say whether a name looks like one that rotation gives, by number, date or compression."""
    return stem(name) != name
