from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from compose.addresses import IN_CONTAINERS
from compose.prometheus_configuration import configuration, document
from compose.stack.files import lay_out
from compose.stack.services import RETENTION
from rules.deploy import suitability
from rules.deploy.loaded import groups_of
from rules.settings import DEFAULT, Settings
from tests.compose.samples import ADDRESSES, ROOT
from tests.end_to_end.test_prometheus import program


def test_jobs_and_intervals_are_those_that_the_rules_were_made_for() -> None:
    found = configuration(settings=Settings(job="a", prometheus_job="b", alertmanager_job="c", scrape_interval=5))
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in found["scrape_configs"]}
    assert targets == {"a": ["driftbell:9911"], "b": ["prometheus:9090"], "c": ["alertmanager:9093"]}
    assert found["global"] == {"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "60s"}


def test_the_committed_file_is_that_of_the_default_settings() -> None:
    committed = (ROOT / "compose" / "prometheus" / "prometheus.yml").read_text("utf-8")
    assert committed == document(IN_CONTAINERS, DEFAULT)
    assert yaml.safe_load(committed)["alerting"]["alertmanagers"] == [
        {"static_configs": [{"targets": ["alertmanager:9093"]}]}
    ]


def test_promtool_accepts_it_with_the_generated_rules(tmp_path: Path) -> None:
    files = lay_out(tmp_path, ADDRESSES)
    checked = subprocess.run(
        [program("promtool"), "check", "config", files.prometheus], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("rules found") == len(list((ROOT / "rules" / "generated").glob("*.yml")))


def test_series_are_kept_for_longer_than_any_rule_looks_back() -> None:
    texts = {path.name: path.read_text("utf-8") for path in (ROOT / "rules" / "generated").glob("*.yml")}
    suitability.need_history(groups_of(texts), RETENTION)
