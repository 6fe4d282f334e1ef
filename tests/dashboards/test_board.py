from __future__ import annotations

import pytest

from dashboards.board import placed
from dashboards.bundle import boards
from dashboards.panels.text import Text


def text(number: int, width: int, height: int = 4) -> Text:
    return Text(number=number, title=f"text {number}", description="", content="", width=width, height=height)


def test_panels_fill_lines_from_left_to_right() -> None:
    found, end = placed([text(1, 16), text(2, 8), text(3, 24, 7)], top=10)
    places = [(panel.number, place.x, place.y, place.width, place.height) for panel, place in found]
    assert places == [(1, 0, 10, 16, 4), (2, 16, 10, 8, 4), (3, 0, 14, 24, 7)]
    assert end == 21


def test_nothing_is_placed_where_nothing_is() -> None:
    assert placed([], top=3) == ([], 3)


@pytest.mark.parametrize(
    ("panels", "said"),
    [
        ([text(1, 12), text(2, 12, 5)], "panel 2 .* not as high"),
        ([text(1, 16), text(2, 9)], "panel 2 .* beyond the grid"),
        ([text(1, 24), text(2, 23)], "panel 2 .* 23 wide"),
    ],
)
def test_a_line_that_grafana_would_rearrange_is_refused(panels: list[Text], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        placed(panels, top=0)


def test_numbers_are_given_once_in_a_board() -> None:
    for board in boards():
        numbers = [panel.number for panel in board.panels()] + [row.number for row in board.rows]
        assert len(numbers) == len(set(numbers)), board.uid
