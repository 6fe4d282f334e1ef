"""What is wrong with a configuration, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exporter.redaction import redacted

Keys = tuple[str | int, ...]
"""Where something is in the document: keys of mappings and indices of lists, from the top."""

_PLAIN_KEY = re.compile(r"[\w-]+\Z")


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. ``line`` and ``column`` count from 1; both are 0 if there is no place to point at."""

    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    file: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        label = "warning" if self.severity is Severity.WARNING else ""
        head = "".join(f"{part}: " for part in (place, label, self.path) if part)
        # What is quoted may hold a secret in a wrong place.
        return redacted(head + self.message + (f"; {self.hint}" if self.hint else ""))


class ConfigurationError(Exception):
    """What is wrong with a configuration, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def path_text(keys: Keys) -> str:
    """Return a place as text; a key that holds dots or blanks is quoted.

    >>> path_text(("models", "fraud v2.1", "windows", 0))
    'models."fraud v2.1".windows[0]'
    """
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + (key if _PLAIN_KEY.match(key) else shown(key))
    return text


def shown(text: str) -> str:
    """Return a text in quotes, without the secrets in it, and shortened, so that a message stays one line."""
    text = redacted(text)
    return json.dumps(text if len(text) <= 60 else text[:57] + "...", ensure_ascii=False)
