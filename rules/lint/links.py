"""Where an alert sends people: a page that says what to do, a dashboard that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from rules import syntax
from rules.lint.check import Check, Said, of_alerts, of_material
from rules.lint.finding import Finding, Level
from rules.lint.material import Material
from rules.lint.rule_file import Rule
from rules.series import known

_SECTIONS = ("Meaning", "Impact", "Diagnosis", "Mitigation")
_HEADING = re.compile(r"^#+\s*(.+?)\s*$", re.MULTILINE)
_QUERY = re.compile(r"^```promql\n(.*?)^```", re.MULTILINE | re.DOTALL)
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_ENDING = re.compile(r"_(bucket|sum|count)$")
_INDEX = "README.md"


def pages(folder: Path | None) -> dict[str, Path]:
    """Return the runbooks by the alert that they are about."""
    return {path.stem: path for path in sorted(folder.glob("*.md")) if path.name != _INDEX} if folder else {}


@of_alerts(
    "A04",
    Level.ERROR,
    "no runbook, or one of another alert, or one that does not exist",
    why="The link is what whoever is woken has. Every fifth alert of a well-known bundle leads nowhere.",
    mend="runbook_url ends in the alert's name and .md, and rules/runbooks has the page.",
)
def runbooks_exist(rule: Rule, material: Material) -> Iterator[Said]:
    link = rule.annotations.get("runbook_url", "")
    if not link:
        yield Said("there is no runbook_url", "annotations")
        return
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        yield Said(f"{link} is no link", "annotations")
    elif Path(parts.path).name.removesuffix(".md") != rule.name and parts.fragment.lower() != rule.name.lower():
        yield Said(f"{link} is about another alert", "annotations")
    elif (known_pages := pages(material.beside.runbooks)) and rule.name not in known_pages:
        yield Said(f"{material.beside.runbooks} has no {rule.name}.md", "annotations")


@of_alerts(
    "A05",
    Level.WARNING,
    "no dashboard, or one that does not exist",
    why="The first question is what it looks like, and since when.",
    mend="dashboard_url with the uid of a dashboard of dashboards/, and its variables filled from the alert's labels.",
)
def dashboards_exist(rule: Rule, material: Material) -> Iterator[Said]:
    link = rule.annotations.get("dashboard_url", "")
    parts = urlsplit(_TEMPLATE.sub("x", link))
    if parts.scheme not in ("http", "https") or "/d/" not in parts.path:
        yield Said(f"dashboard_url: {link or 'there is none'}", "annotations")
        return
    uid = parts.path.partition("/d/")[2].partition("/")[0]
    there = _uids(material.beside.dashboards)
    if there and uid not in there:
        yield Said(f"there is no dashboard {uid}", "annotations")


@lru_cache(maxsize=4)
def _uids(folder: Path | None) -> frozenset[str]:
    found = (json.loads(path.read_text(encoding="utf-8")) for path in (folder.glob("*.json") if folder else ()))
    return frozenset(str(each["uid"]) for each in found if isinstance(each, dict) and each.get("uid"))


@of_material(
    "X05",
    Level.WARNING,
    "a runbook without its sections, or of no alert",
    why="At night people look for the section that they know; a page without an alert is advice on what is gone.",
    mend=f"The headings {', '.join(_SECTIONS)}, in this order.",
)
def runbooks_are_whole(check: Check, material: Material) -> Iterator[Finding]:
    for name, path in pages(material.beside.runbooks).items():
        headings = _HEADING.findall(path.read_text(encoding="utf-8"))
        found = [each for each in headings if each in _SECTIONS]
        if found != list(_SECTIONS):
            missing = [each for each in _SECTIONS if each not in found]
            text = f"no section {', '.join(missing)}" if missing else "sections in another order"
            yield check.finding(text, file=str(path), line=1)
        if _is_whole_bundle(material) and name not in material.names:
            yield check.finding(f"there is no alert {name}", file=str(path), line=1)


def _is_whole_bundle(material: Material) -> bool:
    """Say whether the files are all that there are, and not some that were picked out."""
    return "MLWatchdog" in material.names


@of_material(
    "X06",
    Level.ERROR,
    "a query of a runbook that does not parse, or reads what is not there",
    why="It is pasted at three in the morning, and has to work.",
    mend="Take metrics and labels from docs/metrics.md.",
)
def runbook_queries_work(check: Check, material: Material) -> Iterator[Finding]:
    for path in pages(material.beside.runbooks).values():
        text = path.read_text(encoding="utf-8")
        for match in _QUERY.finditer(text):
            line = text.count("\n", 0, match.start(1)) + 1
            for fault in _faults(match[1], material):
                yield check.finding(fault, file=str(path), line=line)


def _faults(query: str, material: Material) -> Iterator[str]:
    try:
        tree = syntax.parsed(query.strip())
    except ValueError as error:
        yield f"does not parse: {error}"
        return
    for selector in syntax.selectors(tree):
        name = syntax.name_of(selector)
        series = known().get(name)
        if series is None and name not in material.records and ":" not in name:
            yield f"there is no metric {name}"
        possible = series.possible | {"__name__"} if series is not None else None
        for matcher in selector.matchers.matchers:
            if possible is not None and matcher.name not in possible:
                yield f"{name} has no label {matcher.name}"
