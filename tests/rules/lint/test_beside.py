"""Checks of what lies beside the rules: files, runbooks, routing, tests, what is deployed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rules.lint.material import Beside
from rules.seal import sealed
from tests.rules.lint.samples import alert, codes, found, group, material

RUNBOOK = "# MLThing\n\n## Meaning\n\n## Impact\n\n## Diagnosis\n\n```promql\n{query}\n```\n\n## Mitigation\n"
UP = 'up{job="driftbell"}'


@pytest.mark.parametrize(
    "text",
    [
        "groups: [",
        "groups: []\ngroups: []\n",
        "groups:\n- name: a\n  rules: {}\n",
        "groups:\n- name: 5\n  rules: []\n",
        "groups:\n- name: &a x\n  rules: []\n- name: y\n  interval: *a\n  rules: []\n",
        "- a\n",
    ],
)
def test_yaml_that_is_read_in_two_ways(text: str) -> None:
    assert "F01" in codes(material(text=text))


def test_a_time_that_yaml_takes_for_a_number() -> None:
    text = yaml.safe_dump({"groups": [group(alert())]}, sort_keys=False).replace("for: 5m", "for: 0")
    [flaw] = [each for each in found(material(text=text)) if each.check == "F01"]
    assert flaw.message == "for is a number, not a text: put 0 in quotes"


def test_an_alert_that_moved(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [group(alert(), name="others")]}), encoding="utf-8")
    moved = material(group(alert()), beside=Beside(deployed=tmp_path))
    assert codes(moved) == {"F04"}
    assert codes(material(group(alert(), name="others"), beside=Beside(deployed=tmp_path))) == set()


def test_a_generated_file_that_was_changed() -> None:
    text = sealed(yaml.safe_dump({"groups": [group(alert())]}, sort_keys=False))
    assert codes(material(text=text)) == set()
    assert codes(material(text=text.replace("for: 5m", "for: 6m"))) == {"F10"}


def test_a_runbook_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "MLOther.md").write_text(RUNBOOK.format(query=UP), encoding="utf-8")
    assert codes(material(group(alert()), beside=Beside(runbooks=tmp_path))) == {"A04"}
    (tmp_path / "MLThing.md").write_text(RUNBOOK.format(query=UP), encoding="utf-8")
    assert codes(material(group(alert()), beside=Beside(runbooks=tmp_path))) == set()


@pytest.mark.parametrize("change", [("## Impact", "## Effect"), ("## Meaning\n\n## Impact", "## Impact\n\n## Meaning")])
def test_a_runbook_without_its_sections(tmp_path: Path, change: tuple[str, str]) -> None:
    (tmp_path / "MLThing.md").write_text(RUNBOOK.format(query=UP).replace(*change), encoding="utf-8")
    assert codes(material(group(alert()), beside=Beside(runbooks=tmp_path))) == {"X05"}


@pytest.mark.parametrize("query", ["up{", "upp", 'up{jobb="x"}'])
def test_a_query_of_a_runbook_that_does_not_work(tmp_path: Path, query: str) -> None:
    (tmp_path / "MLThing.md").write_text(RUNBOOK.format(query=query), encoding="utf-8")
    [finding] = found(material(group(alert()), beside=Beside(runbooks=tmp_path)))
    assert (finding.check, finding.line) == ("X06", 10)


def test_a_dashboard_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"uid": "driftbell-other"}', encoding="utf-8")
    assert codes(material(group(alert()), beside=Beside(dashboards=tmp_path))) == {"A05"}
    (tmp_path / "two.json").write_text('{"uid": "driftbell-overview"}', encoding="utf-8")
    assert codes(material(group(alert()), beside=Beside(dashboards=tmp_path))) in (set(), {"A05"})


def routing(path: Path, *equal: str) -> Path:
    inhibition = {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity=~"info|warning"'],
        "equal": list(equal),
    }
    path.write_text(yaml.safe_dump({"inhibit_rules": [inhibition]}), encoding="utf-8")
    return path


def test_a_milder_severity_that_is_not_muted(tmp_path: Path) -> None:
    worse = alert('up{job="driftbell"} == 0', labels={"severity": "critical", "alert_type": "symptom"}, for_="4m")
    ladder = group(alert('up{job="driftbell"} < 1'), worse)
    good = routing(tmp_path / "good.yml", "alertname", "job", "instance")
    assert codes(material(ladder, beside=Beside(routing=good))) == set()
    assert codes(material(ladder, beside=Beside(routing=tmp_path / "none.yml"))) == set()
    (tmp_path / "bad.yml").write_text("inhibit_rules: []\n", encoding="utf-8")
    assert codes(material(ladder, beside=Beside(routing=tmp_path / "bad.yml"))) == {"A17"}


def unit_tests(folder: Path, name: str, *fires: bool) -> Path:
    expected = [{"eval_time": "5m", "alertname": name, "exp_alerts": [{}] if each else []} for each in fires]
    (folder / "a.yml").write_text(yaml.safe_dump({"tests": [{"alert_rule_test": expected}]}), encoding="utf-8")
    return folder


def test_an_alert_without_tests(tmp_path: Path) -> None:
    for fires, wanting in (((True, False), set()), ((True,), {"A23"}), ((False,), {"A23"})):
        folder = unit_tests(tmp_path, "MLThing", *fires)
        assert codes(material(group(alert()), beside=Beside(tests=folder))) == wanting


def test_a_test_of_an_alert_that_is_gone(tmp_path: Path) -> None:
    folder = unit_tests(tmp_path, "MLThing", True, False)
    (folder / "b.yml").write_text((folder / "a.yml").read_text("utf-8").replace("MLThing", "MLGone"), encoding="utf-8")
    [finding] = found(material(group(alert()), beside=Beside(tests=folder)))
    assert (finding.check, Path(finding.file).name) == ("A24", "b.yml")


def test_promtool_has_the_last_word(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    # Prometheus 2.42 wants the annotations' templates to parse; the alert's own check says it already.
    path.write_text(yaml.safe_dump({"groups": [group(alert(), interval="1w2d3x")]}), encoding="utf-8")
    assert "F06" in codes(material(text=path.read_text("utf-8"), path=str(path)))
