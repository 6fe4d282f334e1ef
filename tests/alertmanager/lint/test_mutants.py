"""Our routing with one thing changed at a time: lint and cases have to notice."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from alertmanager.lint import run
from alertmanager.settings import DEFAULT
from alertmanager.simulation import cases
from tests.alertmanager.lint.test_checks import material
from tests.alertmanager.samples import plain

Mutant = tuple[str, dict[str, Any]]
CASES = cases.cases(cases.FILE.read_text("utf-8"))

# What changes nothing, and why.
EQUIVALENT = {
    # The only ladder with a kind is that of concept drift, which has one kind.
    "inhibition 6: equal without kind",
    # A severity's alerts stay with the route that they would inherit the receiver from.
    "route 4: its parent's receiver",
    # All features' drift is info or warning.
    'inhibition 3: target without severity=~"info|warning"',
}


def mutants(document: dict[str, Any]) -> Iterator[Mutant]:
    yield from _of_routes(document)
    yield from _of_inhibitions(document)


def _of_routes(document: dict[str, Any]) -> Iterator[Mutant]:
    names = [each["name"] for each in document["receivers"]]
    for number, route in enumerate(document["route"]["routes"]):
        yield f"route {number}: gone", _with(document, "route", "routes", number, gone=True)
        yield (
            f"route {number}: its parent's receiver",
            _with(document, "route", "routes", number, "receiver", gone=True),
        )
        yield f"route {number}: without matchers", _with(document, "route", "routes", number, "matchers", gone=True)
        for name in names:
            if name != route["receiver"]:
                yield f"route {number}: to {name}", _with(document, "route", "routes", number, "receiver", value=name)
        for key in ("mute_time_intervals", "active_time_intervals"):
            if key not in route:
                changed = _with(document, "route", "routes", number, key, value=["business-hours"])
                yield f"route {number}: {key}", changed


def _of_inhibitions(document: dict[str, Any]) -> Iterator[Mutant]:
    for number, rule in enumerate(document["inhibit_rules"]):
        at = ("inhibit_rules", number)
        yield f"inhibition {number}: gone", _with(document, *at, gone=True)
        flipped = {"source_matchers": rule["target_matchers"], "target_matchers": rule["source_matchers"]}
        yield f"inhibition {number}: flipped", _with(document, *at, value={**rule, **flipped})
        for side in ("source", "target"):
            for place, matcher in enumerate(rule[f"{side}_matchers"]):
                where = (*at, f"{side}_matchers", place)
                yield f"inhibition {number}: {side} without {matcher}", _with(document, *where, gone=True)
                negated = matcher.replace("!=", "?").replace("=~", "!~").replace('="', '!="').replace("?", "=")
                yield f"inhibition {number}: {side} {negated}", _with(document, *where, value=negated)
        for place, label in enumerate(rule["equal"]):
            yield f"inhibition {number}: equal without {label}", _with(document, *at, "equal", place, gone=True)
            if label in ("job", "model_name"):
                yield f"inhibition {number}: equal {label}s", _with(document, *at, "equal", place, value=f"{label}s")


def _with(document: dict[str, Any], *place: str | int, value: Any = None, gone: bool = False) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    part: Any = changed
    for key in place[:-1]:
        part = part[key]
    if gone:
        del part[place[-1]]
    else:
        part[place[-1]] = value
    return changed


def test_no_change_goes_unnoticed() -> None:
    several = dict(mutants(plain(DEFAULT)))
    assert len(several) > 100
    survivors = {name for name, each in several.items() if not run.findings(material(each, cases=CASES))}
    assert survivors == EQUIVALENT
