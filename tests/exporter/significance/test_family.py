from __future__ import annotations

import pytest

from exporter.significance.family import level

DAY = 86_400_000_000


@pytest.mark.parametrize(("length", "tests"), [(DAY, 1), (DAY, 40), (DAY // 24, 7), (7 * DAY, 3)])
def test_as_many_false_warnings_as_stated_come_in_30_days(length: int, tests: int) -> None:
    assert level(0.25, length, tests) * tests * 30 * DAY / length == pytest.approx(0.25)


def test_no_level_is_greater_than_a_half() -> None:
    assert level(100, 30 * DAY, 1) == 0.5


def test_without_a_test_there_is_a_level_all_the_same() -> None:
    assert level(1, DAY, 0) == level(1, DAY, 1)
