"""The datagrams as systemd would receive them, on a real socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporter.service.systemd import Systemd


@contextmanager
def listener(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(5)
        yield channel


def received(channel: socket.socket) -> list[str]:
    return channel.recv(4096).decode().splitlines()


def nothing(channel: socket.socket) -> bool:
    channel.setblocking(False)
    try:
        channel.recv(4096)
    except BlockingIOError:
        return True
    return False


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


def test_each_state_is_one_datagram(path: str) -> None:
    with listener(path) as channel:
        manager = Systemd({"NOTIFY_SOCKET": path}, Clock())
        manager.ready("serving churn")
        assert received(channel) == ["READY=1", "STATUS=serving churn"]
        manager.reloading()
        assert received(channel)[:2] == ["RELOADING=1", "MONOTONIC_USEC=1000000"]
        manager.status("one\nREADY=1")
        assert received(channel) == ["STATUS=one READY=1"]
        manager.stopping()
        assert received(channel)[0] == "STOPPING=1"


def test_an_abstract_socket_is_one_too() -> None:
    name = f"driftbell-test-{os.getpid()}"
    with listener("\0" + name) as channel:
        Systemd({"NOTIFY_SOCKET": "@" + name}).ready("")
        assert received(channel)[0] == "READY=1"


def test_the_watchdog_hears_of_us_twice_in_its_period(path: str) -> None:
    clock = Clock()
    with listener(path) as channel:
        manager = Systemd({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "10000000"}, clock)
        manager.alive()
        assert received(channel) == ["WATCHDOG=1"]
        clock.now += 4_999_999
        manager.alive()
        assert nothing(channel)
        clock.now += 1
        manager.alive()
        channel.setblocking(True)
        assert received(channel) == ["WATCHDOG=1"]


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}])
def test_a_watchdog_that_is_none_of_ours_hears_nothing(path: str, more: dict[str, str]) -> None:
    with listener(path) as channel:
        Systemd({"NOTIFY_SOCKET": path, **more}).alive()
        assert nothing(channel)


def test_without_a_manager_nothing_happens(caplog: pytest.LogCaptureFixture) -> None:
    manager = Systemd({})
    manager.ready("x")
    manager.alive()
    assert caplog.text == ""


def test_a_manager_that_is_gone_is_mentioned_once_and_stops_nothing(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    manager = Systemd({"NOTIFY_SOCKET": path})
    manager.ready("x")
    manager.stopping()
    assert caplog.text.count("systemd cannot be told") == 1


def test_an_address_of_another_kind_is_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    Systemd({"NOTIFY_SOCKET": "vsock:2:1234"}).ready("x")
    assert caplog.text.count("unknown kind") == 1
