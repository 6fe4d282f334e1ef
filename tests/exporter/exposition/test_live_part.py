from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from exporter.exposition.live_part import LivePart
from exporter.exposition.page import NOTHING, Page

TAIL = Page([b"a 1\n"], [b"a 1\n"])


class Gate:
    """A live part that comes when it is let."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.calls = 0

    def __call__(self) -> Page:
        self.calls += 1
        assert self.open.wait(20)
        return TAIL


def failing() -> Page:
    raise OSError("no /proc")


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records]


def test_it_is_asked_anew_each_time() -> None:
    numbers = iter(range(5))
    live = LivePart(lambda: Page([b"%d" % next(numbers)], []))

    async def twice() -> list[bytes]:
        return [(await live.within(10)).text for _ in range(2)]

    assert asyncio.run(twice()) == [b"0", b"1"]


def test_those_who_come_while_it_is_under_way_share_one_call() -> None:
    gate = Gate()
    live = LivePart(gate)

    async def together() -> list[Page]:
        waiting = [asyncio.create_task(live.within(20)) for _ in range(64)]
        await asyncio.sleep(0)
        gate.open.set()
        return list(await asyncio.gather(*waiting))

    assert asyncio.run(together()) == [TAIL] * 64
    assert gate.calls == 1


def test_one_that_blocks_is_done_without_and_costs_one_thread_and_one_line(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    live = LivePart(gate)

    async def scrapes() -> list[Page]:
        missed = [await live.within(0.02) for _ in range(3)]
        gate.open.set()
        return [*missed, await live.within(20), await live.within(20)]

    with caplog.at_level(logging.INFO):
        assert asyncio.run(scrapes()) == [NOTHING, NOTHING, NOTHING, TAIL, TAIL]
    assert gate.calls == 2
    assert messages(caplog) == [
        "scrapes go without the live part of the page",
        "the live part of the page is there again",
    ]


def test_a_short_wait_does_not_shorten_that_of_others() -> None:
    gate = Gate()
    live = LivePart(gate)

    async def scrapes() -> tuple[Page, Page]:
        patient = asyncio.create_task(live.within(20))
        hasty = await live.within(0.02)
        gate.open.set()
        return hasty, await patient

    assert asyncio.run(scrapes()) == (NOTHING, TAIL)


def test_a_failure_is_logged_with_its_reason_once_for_each_streak(caplog: pytest.LogCaptureFixture) -> None:
    fails = [True, True, False, True]
    live = LivePart(lambda: failing() if fails.pop(0) else TAIL)

    async def scrapes() -> list[Page]:
        return [await live.within(10) for _ in range(4)]

    assert asyncio.run(scrapes()) == [NOTHING, NOTHING, TAIL, NOTHING]
    assert messages(caplog).count("scrapes go without the live part of the page") == 2
    assert "OSError: no /proc" in caplog.text


def test_one_that_never_comes_back_does_not_keep_the_loop_from_ending() -> None:
    gate = Gate()
    assert asyncio.run(LivePart(gate).within(0.01)) is NOTHING
    # The loop is closed when the answer comes; nobody is there to take it.
    gate.open.set()
    for thread in threading.enumerate():
        if thread.name == "live part":
            thread.join(10)
            assert not thread.is_alive()
