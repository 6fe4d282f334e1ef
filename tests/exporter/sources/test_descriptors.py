"""Descriptors are shared: by all sources, and with the HTTP server."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter.sources import Cursor, JsonLinesSource
from exporter.sources.descriptors import READERS, Readers, raise_limit

Limits = tuple[int, int]
_INFINITE = resource.RLIM_INFINITY


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, int], list[Limits]]]:
    """Pretend that the limits are others; what is set is returned."""
    now: list[Limits] = []

    def pretend(soft: int, hard: int) -> list[Limits]:
        now[:] = [(soft, hard)]
        return now

    monkeypatch.setattr("exporter.sources.descriptors.resource.getrlimit", lambda _: now[-1])
    monkeypatch.setattr("exporter.sources.descriptors.resource.setrlimit", lambda _, said: now.append(said))
    return pretend  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("soft", "readers", "room"),
    [
        (1024, 1, 64),
        (1024, 18, 14),
        (256, 1, 64),
        (256, 4, 16),
        (64, 2, 8),
        (64, 30, 2),
        (_INFINITE, 99, 64),
        (8, 0, 2),
    ],
)
def test_readers_have_a_quarter_together(
    limits: Callable[[int, int], list[Limits]], soft: int, readers: int, room: int
) -> None:
    limits(soft, soft)
    those = [Reader() for _ in range(readers)]
    found = Readers()
    for each in those:
        found.add(each)
    assert found.room(64) == room


def test_who_is_gone_needs_none(limits: Callable[[int, int], list[Limits]]) -> None:
    limits(80, 80)
    one, other, found = Reader(), Reader(), Readers()
    found.add(one)
    found.add(other)
    assert found.room(64) == 10
    del other
    assert found.room(64) == 20


class Reader:
    pass


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1024, 4096), (4096, 4096)),
        ((1024, _INFINITE), (65_536, _INFINITE)),
        ((1024, 1_000_000), (65_536, 1_000_000)),
        ((4096, 4096), (4096, 4096)),
        ((_INFINITE, _INFINITE), (_INFINITE, _INFINITE)),
        ((100_000, 1_000_000), (100_000, 1_000_000)),
    ],
)
def test_the_limit_is_raised_as_far_as_it_may_be_and_never_lowered(
    limits: Callable[[int, int], list[Limits]], before: Limits, after: Limits
) -> None:
    said = limits(*before)
    assert raise_limit() == after[0]
    assert said[-1] == after


def test_every_source_of_files_is_a_reader(tmp_path: Path, limits: Callable[[int, int], list[Limits]]) -> None:
    limits(400, 400)
    for number in range(60):
        (tmp_path / f"{number}.jsonl").write_bytes(b"a\n")
    ours = [JsonLinesSource("many", [str(tmp_path)], line_bytes=1000) for _ in range(10)]
    assert READERS.room(64) <= 10
    for source in ours:
        cursor: Cursor = {}
        while (batch := source.poll(cursor)) is not None:
            cursor = batch.cursor
        assert sum(handle.descriptor is not None for handle in source._handles) <= 10
    for source in ours:
        source.close()
