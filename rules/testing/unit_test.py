"""A specification as promtool's test: at each moment that matters, which of a case's alerts are pending, and which fire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from exporter import catalogue
from rules.document import labels_of
from rules.rule import Alert
from rules.testing.inputs import Series
from rules.testing.specification import Case, Fires, Specification
from rules.testing.timeline import State, timeline

_INSTANCE = "a:9108"
_SECOND = "b:9108"
# Cases that follow from the first.
ELSEWHERE, UNOWNED, PAIR = "elsewhere", "unowned", "pair"


def document(specification: Specification, rungs: Sequence[Alert], rule_file: str) -> dict[str, Any]:
    """Return the test file of a specification; ``rungs`` are the alerts of its name."""
    cases = all_cases(specification, rungs)
    together = [[case] for case in cases] if specification.alone else [cases]
    return {
        "rule_files": [rule_file],
        "evaluation_interval": f"{specification.step}m",
        "tests": [
            {
                "name": specification.title,
                "interval": f"{specification.sample}m",
                "input_series": [each for case in some for each in inputs(specification, case, rungs)],
                "promql_expr_test": [test for case in some for test in checks(specification, case, rungs)],
            }
            for some in together
        ],
    }


def all_cases(specification: Specification, rungs: Sequence[Alert]) -> list[Case]:
    """Return the cases, and those that follow from the first: in another job, without an owner, with two exporters."""
    first = specification.cases[0]
    cases = list(specification.cases)
    if not specification.derived:
        return cases
    if not specification.alone:
        cases.append(replace(first, name=ELSEWHERE, job="elsewhere", fires=()))
    cases += [replace(first, name=f"{first.name}_{job}", job=job) for job in specification.other_jobs]
    if rungs[0].of_model:
        cases.append(replace(first, name=UNOWNED, owner=""))
    if specification.pair and specification.key != "instance":
        cases.append(replace(first, name=PAIR))
    return cases


def inputs(specification: Specification, case: Case, rungs: Sequence[Alert]) -> Iterator[dict[str, str]]:
    """Yield a case's series, each with the labels that all series of its target have."""
    instances = (_INSTANCE, _SECOND) if case.name == PAIR else (_INSTANCE,)
    for instance in instances:
        common = _common(specification, case)
        target = common if specification.key == "instance" else {**common, "instance": instance}
        for each in (*case.series, *_info(specification, case, rungs)):
            if each.metric not in specification.given:
                yield {"series": each.text(target), "values": each.samples}
            elif instance == _INSTANCE:
                # What a rule has recorded comes from no target, and once.
                yield {"series": each.text(common), "values": each.samples}


def _common(specification: Specification, case: Case) -> dict[str, str]:
    job = case.job or specification.job
    return {"job": job, **({specification.key: case.name} if specification.key else {})}


def _info(specification: Specification, case: Case, rungs: Sequence[Alert]) -> tuple[Series, ...]:
    if not rungs[0].of_model:
        return ()
    samples = specification.minutes // specification.sample
    return (Series(catalogue.MODEL_INFO.name, f"1x{samples}", {"task": "binary", "owner": case.owner}),)


def checks(specification: Specification, case: Case, rungs: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """Yield for each rung what it does at the moments that matter, or that it does nothing at any."""
    for alert in rungs:
        due = [fires for fires in case.fires if is_rung(fires, alert)]
        if due:
            yield from _moments(specification, case, alert, due)
        else:
            yield _never(specification, case, alert)


def is_rung(fires: Fires, alert: Alert) -> bool:
    return fires.severity == alert.severity and fires.burn_window == alert.labels.get("burn_window", "")


def _moments(specification: Specification, case: Case, alert: Alert, due: Sequence[Fires]) -> Iterator[dict[str, Any]]:
    lines = [timeline(alert, fires, specification.step) for fires in due]
    moments = {moment for line in lines for moment in line.moments()} | {specification.minutes}
    for moment in sorted(moment for moment in moments if 0 <= moment <= specification.minutes):
        states = [line.at(moment) for line in lines]
        if State.UNSURE not in states:
            yield {
                "expr": _selector(specification, case, alert),
                # Off the grid of evaluations: what holds at its very edge differs between versions.
                "eval_time": f"{moment}m30s",
                "exp_samples": [
                    {"labels": _sample(specification, case, alert, line.fires, state), "value": 1}
                    for line, state in zip(lines, states, strict=True)
                    if state is not State.NONE
                ],
            }


def _never(specification: Specification, case: Case, alert: Alert) -> dict[str, Any]:
    expression = f"max_over_time({_selector(specification, case, alert)}[{specification.minutes + 1}m])"
    return {"expr": expression, "eval_time": f"{specification.minutes}m30s", "exp_samples": []}


def _selector(specification: Specification, case: Case, alert: Alert) -> str:
    labels = {"alertname": alert.name, "severity": alert.severity, **_common(specification, case)}
    if window := alert.labels.get("burn_window"):
        labels["burn_window"] = window
    return _written(labels)


def labels(specification: Specification, case: Case, alert: Alert, fires: Fires) -> Mapping[str, str]:
    """Return the labels that an alert of a case has, as a notification shows them."""
    owner = {"owner": case.owner} if alert.of_model and case.owner else {}
    return {**labels_of(alert), **_common(specification, case), **owner, **fires.labels}


def _sample(specification: Specification, case: Case, alert: Alert, fires: Fires, state: State) -> str:
    return _written({"alertname": alert.name, "alertstate": state.value, **labels(specification, case, alert, fires)})


def _written(labels: Mapping[str, str]) -> str:
    return "ALERTS{" + ",".join(f'{name}="{value}"' for name, value in labels.items() if value) + "}"
