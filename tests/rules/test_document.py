"""The committed rule files are what the generators print, and Prometheus has nothing to say about them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yaml

from exporter.catalogue import METRICS, SEVERITIES
from rules.bundle import alerts, bundle, groups, records
from rules.document import documents, labels_of, with_owner
from rules.rule import NO_SEVERITY, PREFIX, Alert
from rules.settings import Settings

GENERATED = Path(__file__).parents[2] / "rules" / "generated"
ALERTS = list(alerts(bundle()))


def test_the_committed_files_are_up_to_date() -> None:
    wanted = documents(bundle())
    assert {path.name: path.read_text(encoding="utf-8") for path in GENERATED.glob("*.yml")} == wanted, (
        "run `make generate`"
    )


def test_the_same_rules_are_the_same_bytes() -> None:
    assert documents(bundle()) == documents(bundle())


def test_promtool_has_nothing_to_say(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not on the PATH; it comes with the system's prometheus package"
    for settings in (Settings(), Settings(job="ml", instances="shards")):
        for name, text in documents(bundle(settings), settings).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        checked = subprocess.run(
            [promtool, "check", "rules", "--lint-fatal", *map(str, tmp_path.glob("*.yml"))],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr
        assert "duplicate" not in checked.stdout


@pytest.mark.parametrize(
    "alert", ALERTS, ids=lambda alert: f"{alert.name}-{alert.severity}-{alert.labels.get('burn_window', '')}"
)
def test_every_selector_of_ours_carries_the_job(alert: Alert) -> None:
    found: list[tuple[str, bool]] = []
    ours = {metric.name for metric in METRICS}

    def look(node: object) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            names = {matcher.name for matcher in node.matchers.matchers}
            name = node.name or ""
            if any(name == each or name.startswith(f"{each}_") for each in ours) or not name.startswith("model"):
                found.append((name, "job" in names))
        return True

    promql_parser.walk(promql_parser.parse(with_owner(alert)), look)
    assert [name for name, has_job in found if not has_job] == []


def test_names_and_severities() -> None:
    assert {alert.severity for alert in ALERTS} <= {*SEVERITIES, NO_SEVERITY}
    assert all(alert.name.startswith(PREFIX) and alert.name.isalnum() and len(alert.name) <= 40 for alert in ALERTS)
    assert all(len(record.name.split(":")) == 3 for record in records(bundle()))


def test_no_two_alerts_are_the_same() -> None:
    names = [(alert.name, *sorted(labels_of(alert).items())) for alert in ALERTS]
    assert len(set(names)) == len(names)


def test_only_symptoms_page() -> None:
    assert [alert.name for alert in ALERTS if alert.severity in ("critical", "emergency") and not alert.symptom] == []


def test_groups_are_unique_and_short() -> None:
    names = [group.name for group in groups(bundle())]
    assert len(set(names)) == len(names)


def test_every_alert_says_what_to_do() -> None:
    for text in documents(bundle()).values():
        for group in yaml.safe_load(text)["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    assert rule["annotations"].keys() >= {"summary", "description", "runbook_url", "dashboard_url"}
                    assert rule["annotations"]["runbook_url"].endswith(f"/{rule['alert']}.md")
                    assert "{{" not in rule["annotations"]["summary"]
