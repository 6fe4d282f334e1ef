"""What can be chosen, and what is drawn over the panels."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.dashboards.queries.answers import LEGEND
from tests.dashboards.queries.boards import choices, committed
from tests.dashboards.queries.database import Database
from tests.dashboards.queries.expectations.expected import EVERYBODY
from tests.dashboards.queries.interpolation import query
from tests.dashboards.queries.timeline import END
from tests.dashboards.queries.worlds import HEALTHY, SICK

BOARDS = committed()
every_board = pytest.mark.parametrize("uid", BOARDS)


@every_board
def test_variables_have_values(uid: str, database: Database) -> None:
    board = BOARDS[uid]
    found: dict[str, set[str]] = defaultdict(set)
    for chosen in choices(board, database):
        for name, choice in chosen.items():
            found[name] |= {value for value in choice.values if value}
    assert [name for name in found if not found[name]] == []
    assert found["job"] == {HEALTHY, SICK}
    assert {model.partition(" ")[2] for model in EVERYBODY} <= found["model_name"]


@every_board
def test_annotations_have_what_their_titles_name(uid: str, database: Database) -> None:
    board = BOARDS[uid]
    said: set[str] = set()
    for chosen in choices(board, database):
        for annotation in board["annotations"]["list"]:
            if "expr" not in annotation:
                continue
            asked_for = query(annotation["expr"], chosen, {})
            for one in database.range(asked_for, END - 86_400, END, 60):
                said.add(annotation["name"])
                assert set(LEGEND.findall(annotation["titleFormat"])) <= one.labels.keys()
                if annotation["useValueForTime"]:
                    assert one.last == pytest.approx(1000 * END, rel=0.01), "milliseconds, lately"
    assert said == {each["name"] for each in board["annotations"]["list"] if "expr" in each}
