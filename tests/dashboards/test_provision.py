from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from dashboards.provision import documents, provider
from rules.settings import DEFAULT

FOLDER = Path(__file__).parents[2] / "dashboards" / "provisioning"


def test_the_committed_files_are_up_to_date() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.iterdir())} == documents()


def test_a_rate_reaches_over_four_scrapes_of_the_settings() -> None:
    found = yaml.safe_load(documents(replace(DEFAULT, scrape_interval=30))["datasource.yml"])["datasources"][0]
    assert found["jsonData"]["timeInterval"] == "30s"
    assert found["uid"] == "prometheus"
    assert found["editable"] is False


def test_nobody_changes_provisioned_dashboards_in_grafana() -> None:
    found = yaml.safe_load(documents()["dashboards.yml"])["providers"][0]
    assert (found["allowUiUpdates"], found["disableDeletion"]) == (False, False)
    assert (found["folder"], found["folderUid"]) == ("Driftbell", "driftbell")


def test_a_dollar_is_no_variable_of_grafanas() -> None:
    found = yaml.safe_load(provider("/srv/$x", folder_title="$"))["providers"][0]
    assert (found["options"]["path"], found["folder"]) == ("/srv/$$x", "$$")
