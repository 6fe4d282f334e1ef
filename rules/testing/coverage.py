"""Is there no alert without a test in which it fires and one in which it stays quiet, and are the tests about what exists?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rules.rule import Alert
from rules.series import known
from rules.testing.files import rungs
from rules.testing.inputs import Series
from rules.testing.specification import Case, Specification
from rules.testing.timeline import State, timeline
from rules.testing.unit_test import is_rung

# Fires by itself: its silence would be the alarm.
_NEVER_QUIET = {"MLWatchdog"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def problems(specifications: Sequence[Specification], alerts: Iterable[Alert]) -> Iterator[str]:
    """Yield what is wrong with the tests as a whole, a sentence each."""
    alerts = list(alerts)
    names = {alert.name for alert in alerts}
    for specification in specifications:
        if specification.alert in names:
            yield from _strange(specification)
        else:
            yield f"{specification.title}: no alert is called {specification.alert}"
    for alert in alerts:
        yield from _missing(alert, [each for each in specifications if each.alert == alert.name])


def _missing(alert: Alert, specifications: Sequence[Specification]) -> Iterator[str]:
    about = [each for each in specifications if alert in rungs(each)]
    cases = [(each, case) for each in about for case in each.cases]
    name = " ".join([alert.name, alert.severity, *alert.labels.values()])
    if not any(fires(specification, case, alert) for specification, case in cases):
        yield f"{name}: no test sees it fire"
    if alert.name not in _NEVER_QUIET and not any(not _is_due(case, alert) for _, case in cases):
        yield f"{name}: no test sees it stay quiet"
    if not any(due.value for each in about for due in each.cases[0].fires if is_rung(due, alert)):
        yield f"{name}: no test says which value it should name"


def _is_due(case: Case, alert: Alert) -> bool:
    return any(is_rung(each, alert) for each in case.fires)


def fires(specification: Specification, case: Case, alert: Alert) -> bool:
    """Say whether a case demands that an alert fires, not only that it is pending."""
    lines = (timeline(alert, each, specification.step) for each in case.fires if is_rung(each, alert))
    return any(line.at(minute) is State.FIRING for line in lines for minute in range(specification.minutes + 1))


def _strange(specification: Specification) -> Iterator[str]:
    """Yield what of a specification no exporter would show, or no alert would be."""
    alerts = rungs(specification)
    for case in specification.cases:
        for due in case.fires:
            if not any(is_rung(due, alert) for alert in alerts):
                yield f"{specification.title}, {case.name}: there is no {due.severity} {due.burn_window}".rstrip()
        for each in case.series:
            yield from (f"{specification.title}, {case.name}: {problem}" for problem in _unknown(each, specification))


def _unknown(each: Series, specification: Specification) -> Iterator[str]:
    if each.metric in specification.given:
        return
    series = known().get(each.metric)
    if series is None:
        yield f"no exporter shows {each.metric}"
        return
    if strange := set(each.labels) - series.possible - {"job", "instance"}:
        yield f"{each.metric} has no label {', '.join(sorted(strange))}"
    low, high = series.bounds
    # The first number of a piece is a value, what follows it are steps and repetitions.
    values = [float(found[0]) for piece in each.samples.split() if (found := _NUMBER.match(piece))]
    if any((low is not None and value < low) or (high is not None and value > high) for value in values):
        yield f"{each.metric} is never outside {low} to {high}"
