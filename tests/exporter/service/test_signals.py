"""Signals sent to this very process, which is why nothing here may end it."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading

import pytest

from exporter.service.signals import Signals

SECONDS = 10


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def interrupt(number: signal.Signals) -> None:
    """Send a signal that this thread must be interrupted by."""

    def be_interrupted() -> None:
        send(number)
        threading.Event().wait(SECONDS)

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()


def test_before_there_is_work_a_stop_signal_interrupts_the_main_thread() -> None:
    with Signals():
        interrupt(signal.SIGTERM)


def test_with_work_the_first_stop_is_asked_for_and_another_is_the_end(caplog: pytest.LogCaptureFixture) -> None:
    stops, codes = queue.SimpleQueue[None](), queue.SimpleQueue[int]()
    # The second comes from whatever started us, and had the same Ctrl-C.
    moments = iter([10.0, 10.9, 11.0])
    with caplog.at_level(logging.INFO), Signals(codes.put, moments.__next__) as signals:
        signals.work(lambda: stops.put(None), lambda: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):
            send(number)
        assert codes.get(timeout=SECONDS) == 128 + signal.SIGINT
    assert (stops.qsize(), codes.qsize()) == (1, 0)
    assert [record.getMessage() for record in caplog.records] == ["stopping", "ended at once"]


def test_a_hangup_asks_for_a_reload_each_time_it_comes() -> None:
    reloads = queue.SimpleQueue[None]()
    with Signals() as signals:
        signals.work(lambda: None, lambda: reloads.put(None))
        for _ in range(2):
            send(signal.SIGHUP)
            reloads.get(timeout=SECONDS)
    assert reloads.empty()


def test_a_hangup_before_there_is_work_is_kept_for_it() -> None:
    reloads = queue.SimpleQueue[None]()
    with Signals() as signals:
        for _ in range(3):
            send(signal.SIGHUP)
        # The stop comes after them through the same pipe: once it is heard, they were.
        interrupt(signal.SIGINT)
        signals.work(lambda: None, lambda: reloads.put(None))
        reloads.get(timeout=SECONDS)


def test_a_main_thread_that_does_not_come_back_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exporter.service.signals._PATIENCE", 0.01)
    codes = queue.SimpleQueue[int]()
    with Signals(codes.put):
        interrupt(signal.SIGTERM)
        assert codes.get(timeout=SECONDS) == 0


def test_afterwards_everything_is_as_it_was() -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    with Signals():
        assert [signal.getsignal(number) for number in numbers] != before
    assert [signal.getsignal(number) for number in numbers] == before
    former = signal.set_wakeup_fd(-1)
    assert former == -1
