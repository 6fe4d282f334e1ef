"""Whatever stands in a file, the lint says what is wrong with it and does not fall over."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from dashboards.lint.positions import Place, lines
from dashboards.lint.shapes import canonical
from tests.dashboards.lint.samples import board, found

ODD: tuple[Any, ...] = (None, 7, -1, "x", "", [], {}, [1], {"x": 1}, [None], True)
TRIED = 60


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    if place:
        yield place
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*place, key))


def put(data: Any, place: Place, value: Any) -> None:
    for part in place[:-1]:
        data = data[part]
    data[place[-1]] = value


def test_odd_values_anywhere() -> None:
    choice = random.Random(0)
    everywhere = list(places(board()))
    noticed = 0
    for _ in range(TRIED):
        data = board()
        put(data, choice.choice(everywhere), choice.choice(ODD))
        noticed += bool(found(data))
    # Some are right as well: another text, a zero more or less.
    assert noticed > 0.8 * TRIED


def test_every_value_has_its_line() -> None:
    data = board()
    text = canonical(data)
    where, rows = lines(text), text.splitlines()
    for place in places(data):
        key = f'"{place[-1]}":' if isinstance(place[-1], str) else ""
        assert key in rows[where[place] - 1], place
