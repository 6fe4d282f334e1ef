from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.bundle import boards
from dashboards.grafana import raw
from dashboards.normalise import normalised

RAW = {board.uid: raw(board) for board in boards()}


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from walk(child, f"{path}/{key}")


@pytest.mark.parametrize("uid", RAW)
def test_nothing_is_null_but_the_lower_end_of_thresholds(uid: str) -> None:
    nulls = [path for path, value in walk(normalised(RAW[uid])) if value is None]
    assert nulls != []
    assert all(path.endswith("/thresholds/steps/0/value") or "/value/steps/0/value" in path for path in nulls), nulls


@pytest.mark.parametrize("uid", RAW)
def test_what_grafanalib_adds_for_old_servers_is_gone(uid: str) -> None:
    made = normalised(RAW[uid])
    old = {"__inputs", "rows", "style", "hideControls", "sharedCrosshair", "gnetId"}
    assert old <= RAW[uid].keys()
    assert not old & made.keys()
    panels = [panel for top in made["panels"] for panel in (top, *top.get("panels", []))]
    assert not {"span", "minSpan", "height", "error", "editable", "maxPerRow", "maxDataPoints"} & set().union(*panels)


def test_rows_have_no_queries() -> None:
    rows = [panel for board in RAW.values() for panel in normalised(board)["panels"] if panel["type"] == "row"]
    assert rows
    assert all(set(row) == {"collapsed", "gridPos", "id", "panels", "title", "type"} for row in rows)


def test_what_is_given_is_left_alone() -> None:
    board = RAW["driftbell-overview"]
    before = repr(board)
    normalised(board)
    assert repr(board) == before


def test_variables_begin_with_all_where_several_can_be_chosen() -> None:
    variables = {each["name"]: each for each in normalised(RAW["driftbell-overview"])["templating"]["list"]}
    assert variables["model_name"]["current"] == {"selected": True, "text": ["All"], "value": ["$__all"]}
    assert variables["job"]["current"] == {}
    assert variables["job"]["definition"] == variables["job"]["query"]["query"]
