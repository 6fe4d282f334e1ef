"""How bad it is, from well to worst."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """``UNKNOWN`` is worse than well, and better than anything that is known to be wrong."""

    WELL = 0
    UNKNOWN = 1
    INFO = 2
    WARNING = 3
    CRITICAL = 4
    EMERGENCY = 5

    @property
    def word(self) -> str:
        return _WORDS[self]

    @property
    def key(self) -> str:
        """What the style sheet and the drawings call it."""
        return self.name.lower()

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look at it."""
        return self >= Level.INFO


_WORDS = {
    Level.WELL: "Healthy",
    Level.UNKNOWN: "Not known yet",
    Level.INFO: "Worth a look",
    Level.WARNING: "Warning",
    Level.CRITICAL: "Critical",
    Level.EMERGENCY: "Emergency",
}


class Finding(NamedTuple):
    """Something that is not as it should be: ``what`` in a few words, ``detail`` with figures.

    ``alert`` is the rule that compares the same figures, if there is one; ``place`` the section that has them.
    """

    level: Level
    what: str
    detail: str
    alert: str
    place: str = ""
    subject: str = ""


def worst(findings: list[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.WELL)


def of_severity(severity: str) -> Level:
    """Return the level of a severity of the catalogue.

    >>> of_severity("warning").name
    'WARNING'
    """
    return Level[severity.upper()]
