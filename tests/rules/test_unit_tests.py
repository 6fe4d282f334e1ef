"""Every alert fires when it should, stays quiet when it should, and says what it should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from rules.bundle import alerts, bundle, records
from rules.command_line import main
from rules.testing import coverage, excerpt, files, notifications, promtool
from rules.testing.command import play
from rules.testing.scenarios import scenarios, unknown_alerts
from rules.testing.specification import Fires
from rules.testing.specifications import specifications

ALERTS = list(alerts(bundle()))
NAMES = {alert.name for alert in ALERTS}


def test_every_specification(tmp_path: Path) -> None:
    """In one go: promtool takes longer to start than to run one of them."""
    written = {each.title: files.write(each, excerpt.rules(), tmp_path) for each in specifications()}
    found = promtool.run(list(written.values()))
    assert {name: found[path] for name, path in written.items() if found[path]} == {}


def test_every_scenario(tmp_path: Path) -> None:
    written = {path.stem: play(path, tmp_path) for path in scenarios()}
    found = promtool.run(list(written.values()))
    assert {name: found[path] for name, path in written.items() if found[path]} == {}


def test_a_test_that_is_wrong_fails(tmp_path: Path) -> None:
    """What is due a minute earlier or later, at another severity or from a case that is healthy, is noticed."""
    right = next(each for each in specifications() if each.alert == "MLSourceDown")
    breach, *others = right.cases
    [due] = breach.fires
    wrong = [
        replace(due, start=6),
        replace(due, start=4),
        replace(due, end=41),
        replace(due, end=39),
        replace(due, severity="critical"),
        replace(due, labels={"source": "labels"}),
    ]
    specs = [
        replace(right, cases=(replace(breach, fires=(each,)), *others), note=f"{n}") for n, each in enumerate(wrong)
    ]
    specs.append(replace(right, cases=(replace(breach, fires=()), *others), note="none"))
    specs.append(replace(right, cases=(replace(others[0], fires=(due,)), *others), note="healthy"))
    written = [files.write(each, excerpt.rules(), tmp_path) for each in specs]
    found = promtool.run(written)
    assert [path.name for path in written if not found[path]] == []


def test_no_alert_without_tests() -> None:
    assert list(coverage.problems(specifications(), ALERTS)) == []


def test_the_gate_sees_what_is_missing() -> None:
    others = [each for each in specifications() if each.alert != "MLOutage"]
    outage = next(each for each in specifications() if each.alert == "MLOutage")
    assert list(coverage.problems(others, ALERTS)) == [
        "MLOutage emergency: no test sees it fire",
        "MLOutage emergency: no test sees it stay quiet",
        "MLOutage emergency: no test says which value it should name",
    ]
    breach = outage.cases[0]
    only_breach = replace(outage, cases=(breach,))
    assert list(coverage.problems([*others, only_breach], ALERTS)) == ["MLOutage emergency: no test sees it stay quiet"]
    pending = replace(
        outage, cases=(replace(breach, fires=(Fires("emergency", 10, 11, value="1"),)), *outage.cases[1:2])
    )
    assert list(coverage.problems([*others, pending], ALERTS)) == ["MLOutage emergency: no test sees it fire"]


def test_a_test_of_what_does_not_exist_is_an_error() -> None:
    outage = next(each for each in specifications() if each.alert == "MLOutage")
    unknown = replace(outage, alert="MLOutages")
    assert "MLOutages: no alert is called MLOutages" in list(coverage.problems([*specifications(), unknown], ALERTS))
    with pytest.raises(ValueError, match="no alert is called MLOutages"):
        files.rungs(unknown)
    strange = replace(outage, cases=(replace(outage.cases[0], fires=(Fires("warning", 1),)),))
    assert "MLOutage, breach: there is no warning" in list(coverage.problems([strange], ALERTS))


@pytest.mark.parametrize(
    ("metric", "samples", "labels", "problem"),
    [
        ("ml_error_rate", "0.1x5", {}, "no exporter shows ml_error_rate"),
        ("ml_error_ratio", "0.1x5", {"endpoint": "/"}, "ml_error_ratio has no label endpoint"),
        ("ml_error_ratio", "0.1x5 1.5x2", {}, "ml_error_ratio is never outside 0.0 to 1.0"),
    ],
)
def test_inputs_that_no_exporter_shows(metric: str, samples: str, labels: dict[str, str], problem: str) -> None:
    outage = next(each for each in specifications() if each.alert == "MLOutage")
    case = outage.cases[0]
    strange = replace(
        case, series=(*case.series, replace(case.series[0], metric=metric, samples=samples, labels=labels))
    )
    found = list(coverage.problems([replace(outage, cases=(strange, *outage.cases[1:]))], ALERTS))
    assert f"MLOutage, breach: {problem}" in found


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_scenarios_speak_of_what_exists(path: Path) -> None:
    """promtool passes a test that names an alert which does not exist, where none is expected."""
    text = path.read_text(encoding="utf-8")
    assert list(unknown_alerts(text, NAMES)) == []
    recorded = {record.name for record in records(bundle())}
    said = {
        word for line in yaml.safe_load(text)["tests"] for word in str(line).replace("'", " ").split() if ":ml_" in word
    }
    assert {word for word in said if not any(name in word for name in recorded)} == set()
    groups = set(yaml.safe_load(text).get("group_eval_order", []))
    assert groups <= {group.name for each in bundle().values() for group in each}


def test_what_notifications_say(tmp_path: Path, golden: Callable[[str, bytes], None]) -> None:
    first = [each for each in specifications() if not each.note]
    said = notifications.said(first, excerpt.rules(), tmp_path)
    lines = {_title(labels): {**text, "labels": dict(labels)} for labels, text in said}
    assert len(lines) == len(ALERTS)
    golden("tests/golden/notifications.yml", yaml.safe_dump(lines, sort_keys=True, width=1_000).encode())
    due = {
        (each.alert, fires.burn_window or fires.severity): fires.value
        for each in first
        for fires in each.cases[0].fires
        if fires.value
    }
    shown = {
        (labels["alertname"], labels.get("burn_window") or labels["severity"]): text["value"] for labels, text in said
    }
    assert shown == due


def _title(labels: Mapping[str, str]) -> str:
    return " ".join(labels[name] for name in ("alertname", "severity", "burn_window") if name in labels)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "MLSourceDown", "canary", "--into", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "MLSourceDown: passed\ncanary: passed\n"
    assert (tmp_path / "MLSourceDown.test.yml").exists()


def test_the_command_without_anything_to_do() -> None:
    assert main(["test", "MLNothing"]) == 1
