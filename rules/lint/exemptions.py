"""What is found and wanted as it is: exemptions with their reasons; one without a reason, or without use, is found itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from rules.lint.finding import Finding, Level

OURS = Path(__file__).parent / "exemptions.yml"
_KEYS = {"check", "rule", "text", "reason"}


@dataclass(frozen=True, slots=True)
class Exemption:
    """``rule`` is a pattern of names (``ML*``), ``text`` a part of the message; "" is any."""

    check: str
    reason: str
    rule: str = ""
    text: str = ""
    file: str = ""
    line: int = 0

    def covers(self, finding: Finding) -> bool:
        name = finding.rule.partition(" (")[0]
        named = not self.rule or any(fnmatchcase(each, self.rule) for each in (name, finding.rule))
        return finding.check == self.check and named and self.text in finding.message

    def is_about(self, names: Iterable[str]) -> bool:
        """Say whether any of these can be what it exempts."""
        return any(fnmatchcase(name, self.rule or "*") for name in names)


class ExemptionError(ValueError):
    """The file of exemptions cannot be used."""


def read(path: Path = OURS) -> list[Exemption]:
    """Read a file of exemptions. Raises ExemptionError."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise ExemptionError(f"{path}: {error}") from error
    entries = document.get("exemptions") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ExemptionError(f"{path}: there has to be a list of exemptions")
    return [_exemption(path, entry, line) for entry, line in zip(entries, _lines(root), strict=True)]


def _lines(root: Any) -> list[int]:
    return [item.start_mark.line + 1 for _, value in root.value for item in value.value]


def _exemption(path: Path, entry: Any, line: int) -> Exemption:
    if not isinstance(entry, dict) or "check" not in entry or not set(entry) <= _KEYS:
        raise ExemptionError(f"{path}:{line}: an exemption has a check, a rule or a text, and a reason")
    texts = {key: str(value) for key, value in entry.items()}
    return Exemption(
        texts["check"], texts.get("reason", ""), texts.get("rule", ""), texts.get("text", ""), str(path), line
    )


def applied(
    findings: Iterable[Finding], exemptions: list[Exemption], applies: Callable[[Exemption], bool] = lambda _: True
) -> Iterator[Finding]:
    """Yield what is not exempted, and what is wrong with the exemptions; ``applies`` says of one whether what it exempts
    is among what was linted at all."""
    used: set[Exemption] = set()
    for finding in findings:
        covering = [each for each in exemptions if each.reason.strip() and each.covers(finding)]
        used.update(covering)
        if not covering:
            yield finding
    for exemption in exemptions:
        if not exemption.reason.strip():
            yield _about(exemption, "X08", "an exemption without a reason")
        elif exemption not in used and applies(exemption):
            yield _about(exemption, "X09", f"{exemption.check} finds nothing of the kind: take the exemption out")


def _about(exemption: Exemption, check: str, text: str) -> Finding:
    return Finding(exemption.file, exemption.line, check, Level.WARNING, text)
