"""What is to be seen from across the room: the colours of tiles, states and cells, in the healthy job and in the other."""

from __future__ import annotations

import pytest

from tests.dashboards.queries.answers import Answer, asked, look, transformed
from tests.dashboards.queries.boards import Choices, Json, choices, committed, panels
from tests.dashboards.queries.database import Database
from tests.dashboards.queries.expectations.looks import LOOKS, Look

BOARDS = committed()


@pytest.mark.parametrize("expected", LOOKS, ids=str)
def test_it_looks_as_it_is(expected: Look, database: Database) -> None:
    board = BOARDS[expected.uid]
    (panel,) = (each for each in panels(board) if each["id"] == expected.panel)
    chosen = [each for each in choices(board, database) if _is_chosen(each, expected)]
    assert chosen
    seen = {_seen(panel, asked(board, panel, each, database), expected) for each in chosen}
    assert seen == {(expected.colour, expected.word)}


def _is_chosen(chosen: Choices, expected: Look) -> bool:
    return all(chosen[name].values == (value,) for name, value in expected.chosen.items())


def _seen(panel: Json, answers: list[Answer], expected: Look) -> tuple[str, str]:
    if panel["type"] == "table":
        rows = [row for row in transformed(panel, answers) if expected.row in row.values()]
        values = [row.get(expected.column) for row in rows]
        assert values, f"no row of {expected.row}"
        return look(panel, max(value for value in values if value is not None), expected.column)
    named = [(name, one.last) for each in answers for name, one in zip(each.names(), each.series, strict=True)]
    found = [value for name, value in named if expected.row in ("", name)]
    assert len(found) <= 1
    return look(panel, found[0] if found else None)
