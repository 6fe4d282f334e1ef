"""The first byte, looked at and left where it is."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from exporter.web.first_byte import FirstByte

_LONG, _SHORT = 60.0, 0.02


class Line:
    """A connection whose other end is ours; it is all that is asked of a transport."""

    def __init__(self) -> None:
        self.server, self.client = socket.socketpair()
        self.server.setblocking(False)

    def get_extra_info(self, name: str) -> socket.socket:
        assert name == "socket"
        return self.server

    def close(self) -> None:
        self.server.close()
        self.client.close()


@pytest.fixture
def line() -> Iterator[Line]:
    found = Line()
    yield found
    found.close()


def heard(line: Line, act: Callable[[FirstByte], object], seconds: float = _LONG) -> list[object]:
    """Return what was heard after ``act``, within a moment."""

    async def wait() -> list[object]:
        said: list[object] = []
        loop = asyncio.get_running_loop()
        first = FirstByte(cast("asyncio.Transport", line), loop.time() + seconds, said.append)
        await asyncio.sleep(0)
        act(first)
        for _ in range(100):
            await asyncio.sleep(0.001)
        first.close()
        first.close()
        return said

    return asyncio.run(wait())


def test_it_is_told_once_and_stays_to_be_read(line: Line) -> None:
    assert heard(line, lambda _: line.client.sendall(b"\x16\x03")) == [b"\x16"]
    assert line.server.recv(10) == b"\x16\x03"


def test_who_leaves_without_a_word_has_said_nothing(line: Line) -> None:
    assert heard(line, lambda _: line.client.close()) == [b""]


def test_silence_ends_at_the_deadline(line: Line) -> None:
    assert heard(line, lambda _: None, _SHORT) == [None]


def test_what_is_said_after_the_end_is_not_heard(line: Line) -> None:
    def end(first: FirstByte) -> None:
        first.close()
        line.client.sendall(b"\x16")

    assert heard(line, end, _SHORT) == []
    assert line.server.recv(10) == b"\x16"


@pytest.mark.parametrize("act", [lambda line: line.client.sendall(b"x"), lambda line: line.client.close(), id])
def test_no_descriptor_is_kept(line: Line, act: Callable[[Line], object]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        heard(line, lambda _: act(line), _SHORT)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_the_connection_outlives_it(line: Line) -> None:
    heard(line, lambda first: first.close())
    os.fstat(line.server.fileno())
    line.client.sendall(b"hello")
    assert line.server.recv(10) == b"hello"
