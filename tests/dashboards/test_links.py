"""Alerts lead to the panel that shows what they are about, and panels to the alerts' runbooks."""

from __future__ import annotations

import json
import re

import pytest

from dashboards.bundle import boards
from dashboards.command_line import GENERATED
from rules.bundle import alerts, bundle
from rules.panels import PANELS
from rules.runbook import FOLDER
from rules.settings import DEFAULT

ALERTS = sorted({alert.name for alert in alerts(bundle(DEFAULT))})
SHOWN = {(board.uid, panel.number): panel for board in boards() for panel in board.panels()}
RUNBOOK = re.compile(r"/driftbell/(\w+)\.md$")


def test_every_alert_has_its_panel_and_no_other_has() -> None:
    assert sorted(PANELS) == ALERTS


@pytest.mark.parametrize("alert", ALERTS)
def test_the_panel_says_that_it_is_about_the_alert(alert: str) -> None:
    assert alert in SHOWN[PANELS[alert]].alerts


@pytest.mark.parametrize("path", sorted(GENERATED.glob("*.json")), ids=lambda path: path.stem)
def test_links_to_runbooks_have_a_page(path: object) -> None:
    board = json.loads(GENERATED.joinpath(str(path)).read_text("utf-8"))
    panels = [panel for top in board["panels"] for panel in (top, *top.get("panels", []))]
    named = [RUNBOOK.search(link["url"]) for panel in panels for link in panel.get("links", [])]
    pages = [f"{match[1]}.md" for match in named if match]
    assert pages
    assert [page for page in pages if not (FOLDER / page).exists()] == []
