"""Exporters that have read the same, or a part each; other exporters that are not there."""

from __future__ import annotations

import pytest

from tests.dashboards.queries.answers import asked
from tests.dashboards.queries.boards import choices, committed, panels, time_of
from tests.dashboards.queries.database import Database, Found
from tests.dashboards.queries.interpolation import query, span
from tests.dashboards.queries.timeline import FINE, SCRAPE
from tests.dashboards.queries.worlds import HEALTHY

BOARDS = committed()


def test_what_two_exporters_have_read_is_added_up_only_when_they_read_a_part_each(database: Database) -> None:
    board = BOARDS["driftbell-resources"]
    (panel,) = (each for each in panels(board) if each["id"] == 1)
    found: dict[str, list[Found]] = {
        chosen["across"].values[0]: asked(board, panel, chosen, database)[0].series
        for chosen in choices(board, database)
        if chosen["job"].values == (HEALTHY,) and chosen["model_name"].values == ("churn",)
    }
    ((once,), (twice,)) = found["max"], found["sum"]
    assert once.last > 0
    # One is a scrape behind the other.
    assert twice.last == pytest.approx(2 * once.last, rel=0.3)


def test_without_the_usual_exporters_their_panels_are_empty(database: Database) -> None:
    board = BOARDS["driftbell-resources"]
    rows = [row for row in board["panels"] if row["type"] == "row" and row["collapsed"]]
    chosen = next(choices(board, database))
    macros = span(time_of(board)[0], FINE - 3600, 12, SCRAPE).macros
    expressions = [target["expr"] for row in rows for panel in row["panels"] for target in panel["targets"]]
    assert len(rows) == 3
    assert len(expressions) > 15
    found = [database.range(query(each, chosen, macros), time_of(board)[0], FINE - 3600, 600) for each in expressions]
    assert found == [[] for _ in expressions]
