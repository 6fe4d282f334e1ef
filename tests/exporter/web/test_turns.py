from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from exporter.web.turns import BusyError, Turns

SECONDS = 10


class Bench:
    """Turns whose work waits for a gate, and notes the order in which it is done."""

    def __init__(self, each: int = 4, most: int = 64) -> None:
        self.turns = Turns[bool]("work", each, most)
        self.gate = threading.Event()
        self.done: list[str] = []

    def take(self, client: str, name: str) -> asyncio.Task[bool]:
        def work() -> bool:
            assert self.gate.wait(SECONDS)
            self.done.append(name)
            return name.endswith("!")

        return asyncio.get_running_loop().create_task(self.turns.take(client, work))


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def timed() -> None:
        await asyncio.wait_for(test(), SECONDS)

    asyncio.run(timed())


def test_clients_take_turns_whoever_came_with_more() -> None:
    async def test() -> None:
        bench = Bench()
        flood = [bench.take("flood", f"flood{number}") for number in range(4)]
        await asyncio.sleep(0)
        others = [bench.take("other", "other!"), bench.take("third", "third")]
        await asyncio.sleep(0)
        bench.gate.set()
        results = await asyncio.gather(*flood, *others)
        assert results == [False, False, False, False, True, False]
        assert bench.done == ["flood0", "flood1", "other!", "third", "flood2", "flood3"]

    run(test)


def test_a_client_may_have_so_many_waiting_and_all_of_them_so_many() -> None:
    async def test() -> None:
        bench = Bench(each=2, most=3)
        # One is being done, two wait.
        tasks = [bench.take("a", str(number)) for number in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await bench.take("a", "too many of one")
        tasks.append(bench.take("b", "b"))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await bench.take("c", "too many of all")
        bench.gate.set()
        await asyncio.gather(*tasks)
        assert bench.done == ["0", "1", "b", "2"]
        assert await bench.take("a", "again!")

    run(test)


def test_an_error_reaches_whoever_waits_and_nobody_else() -> None:
    async def test() -> None:
        turns = Turns[bool]("work")

        def fail() -> bool:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await turns.take("a", fail)
        assert await turns.take("a", lambda: True)

    run(test)


def test_whoever_has_left_keeps_nobody_waiting() -> None:
    async def test() -> None:
        bench = Bench()
        first, second = bench.take("a", "first!"), bench.take("b", "second!")
        await asyncio.sleep(0)
        first.cancel()
        bench.gate.set()
        assert await second

    run(test)
