"""Each check finds what it is for in a dashboard with one fault, and no other check than those that are named does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboards.lint import run
from dashboards.lint.board_file import parse
from dashboards.lint.material import Material
from dashboards.lint.registry import CHECKS
from rules.lint.exemptions import Exemption
from tests.dashboards.lint.faults import FAULTS, RIGHT, Change, Fault
from tests.dashboards.lint.samples import RULES, board, found, material, read, rules

# Tested below.
ELSEWHERE = {"D00", "D08", "D35", "D37", "D40"}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.code} {fault.said[:40]}")
def test_a_fault_is_found(fault: Fault) -> None:
    data = board()
    fault.change(data)
    findings = found(data)
    said = [f"{each.check} {each.rule} {each.message}" for each in findings]
    assert {each.check for each in findings} == {fault.code, *fault.also}, said
    assert any(fault.said in each.message for each in findings if each.check == fault.code), said


def test_every_check_is_tested() -> None:
    assert {check.code for check in CHECKS} == {fault.code for fault in FAULTS} | ELSEWHERE


def test_codes_are_unique_and_texts_whole() -> None:
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.why.endswith("."), check.code
        assert check.mend.endswith((".", ")")), check.code


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found(board()) == []


@pytest.mark.parametrize("change", RIGHT)
def test_what_looks_like_a_fault_and_is_none(change: Change) -> None:
    data = board()
    change(data)
    # The alert of the sample is about requests, whatever the panel shows now.
    assert [each for each in found(data) if each.check != "D37"] == []


def test_a_finding_stands_where_the_fault_is() -> None:
    data = board()
    data["panels"][2]["targets"][1]["expr"] = "up{"
    file = read(data)
    [finding] = [each for each in found(data) if each.check == "D14"]
    assert '"expr": "up{"' in file.text.splitlines()[finding.line - 1]
    assert (finding.file, finding.rule, finding.group) == (
        "driftbell-good.json",
        'panel 3 "Server errors"',
        "driftbell-good",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "this is no JSON"),
        ("[]", "a dashboard is an object"),
        ('{"dashboard": {}, "overwrite": true}', "what the API takes"),
        ('{"apiVersion": "x", "spec": {}}', "version 2"),
        ('{"title": "a", "title": "b"}', "title is written twice"),
    ],
)
def test_what_is_no_dashboard(text: str, said: str) -> None:
    findings = run.findings(Material([parse(text)], rules()))
    assert any(each.check == "D00" and said in each.message for each in findings)


def test_other_bytes() -> None:
    data = board()
    linted = Material([parse(json.dumps(data), Path("driftbell-good.json"))], rules(), runbooks=run.RUNBOOKS)
    assert {each.check for each in run.findings(linted)} == {"D08"}


def test_fields_that_the_models_drop() -> None:
    """Where a schema allows more than the models have: a field that Grafana's types have since."""
    data = board()
    data["panels"][2]["options"]["disableKeyboardEvents"] = True
    [finding] = found(data)
    assert (finding.check, finding.message) == ("D35", "panels[2].options.disableKeyboardEvents is dropped")


def test_two_dashboards_of_one_name() -> None:
    other = board()
    assert {each.check for each in found(board(), other)} == {"D04", "D10"}
    other["uid"] = "driftbell-other"
    findings = found(board(), other)
    assert {(each.check, each.group) for each in findings} == {("D10", "driftbell-good"), ("D10", "driftbell-other")}
    other["title"] = "Another one"
    assert found(board(), other) == []


def test_a_file_of_another_name() -> None:
    linted = Material([read(board(), "good.json")], rules(), runbooks=run.RUNBOOKS)
    assert [each.message for each in run.findings(linted)] == ["the file of driftbell-good is called good.json"]


def test_dashboards_that_differ() -> None:
    other = board()
    other.update(uid="driftbell-other", title="Another one", timezone="utc")
    assert [each.message for each in found(board(), other)] == ["the time zone is utc"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("d/driftbell-good", "d/driftbell-none", "there is no dashboard driftbell-none"),
        ("var-model_name=", "var-model=", "driftbell-good has no variable model"),
        ("viewPanel=2", "viewPanel=99", "driftbell-good has no panel 99"),
        ("viewPanel=2", "viewPanel=4", 'panel 4 "Label coverage" of driftbell-good shows none of the alert\'s metrics'),
    ],
)
def test_alerts_that_lead_astray(old: str, new: str, said: str) -> None:
    [finding] = found(board(), rules=rules(RULES.replace(old, new)))
    assert (finding.check, finding.file, finding.rule, finding.message) == (
        "D37",
        "rules.yml",
        "MLNoTraffic (warning)",
        said,
    )


PROVIDER = """\
apiVersion: 1
providers:
- {name: x, folder: Driftbell, folderUid: driftbell, type: file, allowUiUpdates: false, options: {path: /x}}
datasources:
- {name: x, uid: prometheus, type: prometheus, jsonData: {timeInterval: 15s}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apiVersion: 1", "apiVersion: 2"),
        ("folderUid: driftbell, ", ""),
        ("allowUiUpdates: false", "allowUiUpdates: true"),
        ("{path: /x}", "{}"),
        ("15s", "30s"),
        ("uid: prometheus, ", ""),
    ],
)
def test_provisioning_that_does_not_fit(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "all.yml").write_text(PROVIDER, encoding="utf-8")
    assert found(board(), provisioning=tmp_path) == []
    (tmp_path / "all.yml").write_text(PROVIDER.replace(old, new), encoding="utf-8")
    assert [each.check for each in found(board(), provisioning=tmp_path)] == ["D40"]


def test_no_provisioning(tmp_path: Path) -> None:
    assert [each.message for each in found(board(), provisioning=tmp_path)] == ["there is no provisioning"]


def test_exemptions() -> None:
    data = board()
    data["panels"][1]["title"] = "requests"
    linted = material(data, whole=True)
    wanted = Exemption("D13", "It is called so", rule='panel 2 "*"')
    assert run.findings(linted, [wanted]) == []
    assert [each.check for each in run.findings(material(board(), whole=True), [wanted])] == ["X09"]
    assert run.findings(material(board()), [wanted]) == []
    assert {each.check for each in run.findings(linted, [Exemption("D13", " ")])} == {"D13", "X08"}


def test_what_links_name_may_be_among_the_others() -> None:
    data = board()
    data["panels"][1]["links"] = [{"title": "There", "url": "/d/driftbell-there?${__url_time_range}&var-job=x"}]
    there = board()
    there.update(uid="driftbell-there", title="There")
    assert {each.check for each in found(data)} == {"D30"}
    assert found(data, others=[read(there)]) == []
