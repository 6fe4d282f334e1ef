"""What holds for every dashboard, in both scenarios."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dashboards.harness.server import BOARDS
from tests.dashboards.harness.conftest import See
from tests.dashboards.harness.visits import JOBS

COMMITTED = {
    path.stem.removeprefix("driftbell-"): json.loads(path.read_text("utf-8")) for path in BOARDS.glob("*.json")
}
# Of the broken scenario: the model that has most.
CHOSEN: Mapping[str, Mapping[str, str]] = {
    name: {} if name == "overview" else {"model_name": "churn", "window": "6h"} for name in COMMITTED
}

boards = pytest.mark.parametrize("board", sorted(COMMITTED))
scenarios = pytest.mark.parametrize("scenario", sorted(JOBS))


def panels_of(board: str) -> Iterator[Mapping[str, Any]]:
    for panel in COMMITTED[board]["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


@scenarios
@boards
def test_the_browser_complains_of_nothing_and_asks_nobody_else(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    assert seen.troubles == ()
    assert len(seen.origins) == 1


@scenarios
@boards
def test_every_panel_is_drawn_and_no_query_is_refused(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    assert seen.panels.keys() == {panel["id"] for panel in panels_of(board)}
    assert {number: panel["errors"] for number, panel in seen.panels.items() if panel["errors"]} == {}
    assert {panel["state"] for panel in seen.panels.values()} == {"Done"}
    # Of the types that Grafana publishes, it is Grafana's code that draws.
    own = {"timeseries", "stat", "bargauge", "table"}
    assert {panel["kind"] for panel in seen.panels.values() if panel["drawn"] == "grafana"} <= own
    assert own & {panel["kind"] for panel in seen.panels.values() if panel["drawn"] != "grafana"} == set()
    lines = {number: panel for number, panel in seen.panels.items() if panel["kind"] == "timeseries"}
    assert {number for number, panel in lines.items() if panel["series"]} == {
        number for number in lines if seen.plots[number]
    }


@scenarios
@boards
def test_no_variable_is_left_in_what_is_read(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    texts = [panel["title"] for panel in seen.panels.values()]
    for panel in seen.panels.values():
        texts += [each["name"] for key in ("series", "rows", "bars") for each in _listed(panel.get(key))]
        texts += [column["name"] for column in panel.get("columns", [])]
    assert [text for text in texts if "$" in text or "{{" in text or not text.strip()] == []
    assert all(each["value"] for each in seen.variables.values() if each["options"])


@scenarios
@boards
def test_every_variable_has_its_value_among_its_options(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    for name, variable in seen.variables.items():
        values = variable["value"] if isinstance(variable["value"], list) else [variable["value"]]
        assert variable["error"] is None, name
        assert values == ["$__all"] or not variable["options"] or set(values) <= set(variable["options"]), name
    assert seen.variables["job"]["value"] == JOBS[scenario]


@boards
def test_titles_and_cells_fit(see: See, board: str) -> None:
    seen = see(board, "broken", **CHOSEN[board])
    assert seen.cut_titles == ()
    assert seen.cut_cells == ()


@scenarios
@boards
def test_series_of_a_panel_have_different_names(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    for number, panel in seen.panels.items():
        names = [each["name"] for each in _listed(panel.get("series"))]
        assert len(names) == len(set(names)), (number, names)


@boards
def test_limits_are_dashed_and_in_the_colour_of_their_severity(see: See, board: str) -> None:
    colours = {"info": "#5794F2", "warning": "#FF9830", "critical": "#F2495C", "emergency": "#B877D9"}
    seen = see(board, "healthy", **CHOSEN[board])
    for number, panel in seen.panels.items():
        for each in _listed(panel.get("series")):
            severity = each["name"].rpartition(" ")[2]
            if severity in colours and each["name"] != severity:
                assert (each["dashed"], each["color"].upper()) == (True, colours[severity].upper()), (number, each)


@scenarios
@boards
def test_tables_have_their_columns_in_order(see: See, board: str, scenario: str) -> None:
    seen = see(board, scenario, **CHOSEN[board])
    for panel in panels_of(board):
        organised = [each for each in panel.get("transformations", []) if each["id"] == "organize"]
        if panel["type"] != "table" or not organised or not seen.panels[panel["id"]]["rows"]:
            continue
        options = organised[-1]["options"]
        wanted = [
            options["renameByName"][name] for name in sorted(options["indexByName"], key=options["indexByName"].get)
        ]
        names = [column["name"] for column in seen.panels[panel["id"]]["columns"]]
        # A label that no row has is no column.
        assert names == [name for name in wanted if name in names], panel["title"]
        assert not any(name.startswith("Value") for name in names), panel["title"]


@boards
def test_links_lead_to_boards_that_are_there_with_what_was_clicked(see: See, board: str) -> None:
    seen = see(board, "broken", **CHOSEN[board])
    for number, panel in seen.panels.items():
        for column in panel.get("columns", []):
            for cell in column["cells"]:
                for link in cell["links"]:
                    assert "$" not in link, (number, link)
                    assert link.startswith("http") or _board_in(link) in COMMITTED, (number, link)


def _board_in(link: str) -> str:
    return link.partition("?")[0].rpartition("/")[2].removeprefix("driftbell-")


def _listed(value: Any) -> list[Any]:
    """Of a table ``rows`` is a number."""
    return value if isinstance(value, list) else []
