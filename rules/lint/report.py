"""Findings as text for people, as JSON, and as SARIF for code hosts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rules.lint.finding import Finding, Level
from rules.lint.registry import CHECKS

FORMATS = ("text", "json", "sarif")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "note"}
_PAGE = "docs/lint.md"
# Of exemptions: what is wrong with them is found while they are applied, by no check.
OF_EXEMPTIONS = {
    "X08": "an exemption without a reason",
    "X09": "an exemption that exempts nothing",
}


def text(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, and one that counts them."""
    lines = [_line(each) for each in findings]
    counts = Counter(each.level for each in findings)
    said = ", ".join(f"{counts[level]} {level}{'s' if counts[level] != 1 else ''}" for level in Level if counts[level])
    return "\n".join([*lines, said or "nothing found"]) + "\n"


def _line(finding: Finding) -> str:
    place = f"{_short(finding.file)}:{finding.line}" if finding.file else "-"
    about = f" {finding.rule}:" if finding.rule else ""
    return f"{place}: {finding.level} {finding.check}:{about} {finding.message}"


def as_json(findings: Sequence[Finding]) -> str:
    entries = [
        {
            "file": _short(each.file),
            "line": each.line,
            "check": each.check,
            "level": str(each.level),
            "group": each.group,
            "rule": each.rule,
            "message": each.message,
        }
        for each in findings
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def sarif(findings: Sequence[Finding]) -> str:
    """Return a log of SARIF 2.1.0."""
    more = [{"id": code, "shortDescription": {"text": title}} for code, title in OF_EXEMPTIONS.items()]
    return sarif_log(findings, CHECKS, name="driftbell-rules-lint", page=_PAGE, more=more)


class Described(Protocol):
    """A check, as far as a report shows it."""

    @property
    def code(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def title(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def mend(self) -> str: ...


def sarif_log(
    findings: Sequence[Finding],
    checks: Iterable[Described],
    *,
    name: str,
    page: str,
    more: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return a log of SARIF 2.1.0 of any checks, which ``page`` describes."""
    described = [
        {
            "id": check.code,
            "shortDescription": {"text": check.title},
            "fullDescription": {"text": check.why},
            "help": {"text": check.mend},
            "helpUri": f"{page}#{check.code.lower()}",
            "defaultConfiguration": {"level": _SARIF_LEVELS[check.level]},
        }
        for check in checks
    ]
    driver = {"name": name, "informationUri": page, "rules": [*described, *more]}
    run = {"tool": {"driver": driver}, "results": [_result(each) for each in findings]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    said = f"{finding.rule}: {finding.message}" if finding.rule else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": said},
    }
    if finding.file:
        place = {"artifactLocation": {"uri": _short(finding.file)}, "region": {"startLine": max(finding.line, 1)}}
        result["locations"] = [{"physicalLocation": place}]
    return result


def _short(file: str) -> str:
    """Return a path as seen from here, if it is below."""
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_absolute() and path.is_relative_to(here) else file


def matters(finding: Finding, *, strict: bool) -> bool:
    """Say whether the exit code tells of it."""
    return finding.level is Level.ERROR or (strict and finding.level is Level.WARNING)


WRITERS = {"text": text, "json": as_json, "sarif": sarif}
