from __future__ import annotations

import json

import pytest

from dashboards.command_line import GENERATED
from dashboards.figures import requests
from dashboards.variables import ACROSS, ONE, SETTINGS
from exporter import catalogue
from rules.promql import select, total
from rules.settings import Settings

BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(GENERATED.glob("*.json"))}


@pytest.mark.parametrize("instances", ["replicas", "shards"])
def test_counters_are_put_together_as_the_rules_do_it(instances: str) -> None:
    settings = Settings(job="$job", instances=instances)  # type: ignore[arg-type] # one of two texts
    counter = f"rate({select(settings, catalogue.REQUESTS, ONE)}[5m])"
    assert settings.across in ACROSS.choices.values()
    chosen = requests(ONE, "5m").replace(f"${ACROSS.name}", settings.across)
    within = f"sum by (instance, job, model_name) ({counter})"
    assert chosen == f"{settings.across} by (job, model_name) ({within})"
    assert total(settings, (), counter) in (chosen, f"sum by (job, model_name) ({counter})")


def test_the_first_choice_is_what_the_rules_are_generated_with() -> None:
    assert next(iter(ACROSS.choices.values())) == Settings().across
    assert SETTINGS.across == f"${ACROSS.name}"


@pytest.mark.parametrize("uid", BOARDS)
def test_every_board_begins_with_where_the_figures_come_from(uid: str) -> None:
    names = [each["name"] for each in BOARDS[uid]["templating"]["list"]]
    assert names[:4] == ["datasource", "job", "across", "model_name"]
