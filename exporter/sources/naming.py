"""Which files of a folder are a log's, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

# What rotation puts behind a name: predictions.jsonl.1, predictions.jsonl-20260201.gz, predictions.jsonl.2026-02-01.
_ROTATED = r"(?:[.-]\d[\d.:t_-]*)?"
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
