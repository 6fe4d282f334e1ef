"""What a check has found, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """``rule`` is the alert or record that it is about, "" where it is about a file, a group or the configuration."""

    file: str
    line: int
    check: str
    level: Level
    message: str
    rule: str = ""
    group: str = ""
