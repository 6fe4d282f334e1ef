from __future__ import annotations

import resource
from collections.abc import Callable

import pytest

from exporter.web.crowd import Crowd, room


class Visitor:
    def __init__(self) -> None:
        self.is_served = False
        self.is_stalled = False
        self.times_turned_away = 0
        self.is_gone = False

    def turn_away(self) -> None:
        self.is_gone = True
        self.times_turned_away += 1


class House:
    """A crowd, whose moment passes when a test says so."""

    def __init__(self, most: int) -> None:
        self._due: list[Callable[[], None]] = []
        self.crowd = Crowd(most, self._due.append)
        self.visitors: list[Visitor] = []

    def enter(self, number: int) -> None:
        for _ in range(number):
            self.visitors.append(Visitor())
            self.crowd.enter(self.visitors[-1])

    def pass_the_moment(self) -> None:
        assert len(self._due) <= 1
        while self._due:
            self._due.pop()()

    def gone(self) -> list[int]:
        return [number for number, visitor in enumerate(self.visitors) if visitor.is_gone]


def test_who_has_waited_longest_without_an_answer_goes_first() -> None:
    house = House(3)
    house.enter(3)
    house.crowd.recognise(house.visitors[0])
    house.enter(2)
    assert house.gone() == []
    house.pass_the_moment()
    assert house.gone() == [1, 2]
    assert len(house.crowd) == 3


def test_who_sends_a_request_in_its_moment_is_served() -> None:
    house = House(2)
    house.enter(4)
    house.visitors[0].is_served = True
    house.crowd.recognise(house.visitors[2])
    house.pass_the_moment()
    assert house.gone() == [1, 3]


def test_who_does_not_take_an_answer_leaves_before_anybody_else_and_once() -> None:
    house = House(3)
    house.enter(6)
    for number in (2, 4, 5):
        house.visitors[number].is_served = house.visitors[number].is_stalled = True
    house.visitors[4].is_served = False
    house.crowd.recognise(house.visitors[5])
    house.enter(1)
    assert house.gone() == [2]
    house.pass_the_moment()
    assert house.gone() == [0, 2, 4, 5]
    assert [visitor.times_turned_away for visitor in house.visitors] == [1, 0, 1, 0, 1, 1, 0]


def test_twice_as_many_are_too_many_for_a_moment_too() -> None:
    house = House(2)
    house.enter(7)
    assert house.gone() == [0, 1, 2]
    house.pass_the_moment()
    assert house.gone() == [0, 1, 2, 3, 4]


def test_the_newcomer_has_to_go_when_all_others_are_served() -> None:
    house = House(1)
    house.enter(2)
    for visitor in house.visitors:
        visitor.is_served = True
    newcomer = Visitor()
    newcomer.is_served = True
    house.crowd.enter(newcomer)
    assert (house.gone(), newcomer.is_gone) == ([], True)


def test_of_the_known_the_one_that_was_answered_first_leaves_when_there_is_nobody_else() -> None:
    house = House(2)
    house.enter(3)
    for number in (0, 1, 2, 0):
        house.crowd.recognise(house.visitors[number])
    house.pass_the_moment()
    assert house.gone() == [1]


def test_who_has_left_needs_no_room() -> None:
    house = House(2)
    house.enter(2)
    house.crowd.leave(house.visitors[0])
    house.crowd.leave(house.visitors[0])
    house.enter(1)
    house.pass_the_moment()
    assert house.gone() == []


@pytest.mark.parametrize(("soft", "expected"), [(1024, 128), (1 << 20, 256), (256, 32), (20, 8), (-1, 256)])
def test_there_is_room_for_an_eighth_of_the_descriptors(
    monkeypatch: pytest.MonkeyPatch, soft: int, expected: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, soft))
    assert room() == expected
