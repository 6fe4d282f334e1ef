"""What the kinds of panels write; that Grafana takes it is the lint's to say."""

from __future__ import annotations

import pytest

from dashboards.links import board, label
from dashboards.panels.colour import GOOD, UNKNOWN, WARNING, Steps, Word, mappings
from dashboards.panels.panel import Panel, named
from dashboards.panels.stat import tile
from dashboards.panels.table import Column, letter, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, band, limits_by_severity


def test_steps_begin_below_everything() -> None:
    steps = Steps(GOOD, ((1, WARNING),)).json()["steps"]
    assert steps == [{"color": GOOD, "value": None}, {"color": WARNING, "value": 1}]


def test_words_stand_for_values_and_for_none() -> None:
    value, special = mappings({0: Word("Fine", GOOD), -1: Word("Gone", WARNING)}, Word("No data", UNKNOWN))
    assert value["options"]["0"] == {"color": GOOD, "index": 0, "text": "Fine"}
    assert value["options"]["-1"]["index"] == 1
    assert special["options"] == {"match": "null+nan", "result": {"color": UNKNOWN, "index": 2, "text": "No data"}}
    assert mappings({}) == []


def test_a_tile_has_a_colour_only_where_it_means_something() -> None:
    assert tile(1, "a", "b", "vector(1)").options()["colorMode"] == "none"
    assert tile(1, "a", "b", "vector(1)", steps=Steps()).options()["colorMode"] == "background"


def test_columns_are_named_by_their_query() -> None:
    made = table(
        (of_label("model_name", "Model"), Column("Rows", "a"), Column("Left", "b", "percentunit")),
        number=1,
        title="t",
        description="d",
    )
    assert [(query.expression, query.format, query.instant) for query in made.queries] == [
        ("a", "table", True),
        ("b", "table", True),
    ]
    organised = made.transformations[1]["options"]
    assert organised["renameByName"] == {"model_name": "Model", "Value #A": "Rows", "Value #B": "Left"}
    assert list(organised["indexByName"].values()) == [0, 1, 2]


def test_the_only_column_of_figures_is_called_otherwise() -> None:
    made = table((of_label("x", "X"), Column("Rows", "a")), number=1, title="t", description="d")
    assert "Value" in made.transformations[1]["options"]["renameByName"]


def test_queries_end_with_z() -> None:
    assert letter(25) == "Z"
    with pytest.raises(ValueError, match="26"):
        letter(26)


def test_limits_are_told_by_the_end_of_their_names() -> None:
    patterns = {each.options for each in limits_by_severity()}
    assert patterns == {f"/(^| ){severity}$/" for severity in ("info", "warning", "critical", "emergency")}


def test_a_band_lies_between_two_lines_that_are_not_drawn() -> None:
    lower, upper = (each.json() for each in band("lower", "upper", GOOD))
    assert {"id": "custom.lineWidth", "value": 0} in lower["properties"]
    assert {"id": "custom.fillBelowTo", "value": "lower"} in upper["properties"]


def test_properties_are_written_with_dots() -> None:
    assert named("a", custom_width=3).json()["properties"] == [{"id": "custom.width", "value": 3}]


def test_bounds_are_written_where_they_are_known() -> None:
    panel = TimeSeries(number=1, title="t", description="d", minimum=0)
    assert {"min": 0}.items() <= panel.field_config()["defaults"].items()
    assert "max" not in panel.field_config()["defaults"]


def test_kinds_say_what_their_options_are() -> None:
    with pytest.raises(NotImplementedError):
        Panel(number=1, title="t", description="d").options()


def test_links_hand_on_time_and_variables() -> None:
    url = board("Drift", "driftbell-drift", "window", model_name=label("model_name")).url
    assert url.startswith("/d/driftbell-drift?${__url_time_range}&")
    assert "${window:queryparam}" in url
    assert url.endswith("&var-model_name=${__field.labels.model_name}")
