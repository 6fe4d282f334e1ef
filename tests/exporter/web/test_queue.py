from __future__ import annotations

from collections.abc import Callable

import pytest

from exporter.web.queue import Queue


class Bench:
    """A queue whose time passes when a test says so."""

    def __init__(self) -> None:
        self._due: list[Callable[[], None]] = []
        self.queue = Queue(self._due.append)
        self.called: list[str] = []

    def enter(self, name: str, again: int = 0) -> None:
        def act() -> None:
            self.called.append(name)
            if again:
                self.enter(name, again - 1)

        self.queue.enter(act)

    def pass_time(self) -> bool:
        """Whether anything was due."""
        assert len(self._due) <= 1
        if self._due:
            self._due.pop()()
            return True
        return False


def test_each_has_its_turn_and_who_comes_again_is_behind_all_others() -> None:
    bench = Bench()
    bench.enter("a", again=2)
    bench.enter("b")
    bench.enter("c")
    assert bench.called == []
    bench.pass_time()
    assert bench.called == ["a"]
    while bench.pass_time():
        pass
    assert bench.called == ["a", "b", "c", "a", "a"]


def test_one_that_fails_keeps_nobody_waiting() -> None:
    bench = Bench()

    def fail() -> None:
        raise OSError("gone")

    bench.queue.enter(fail)
    bench.enter("b")
    with pytest.raises(OSError, match="gone"):
        bench.pass_time()
    assert bench.pass_time()
    assert bench.called == ["b"]
    assert not bench.pass_time()
