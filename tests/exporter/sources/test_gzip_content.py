from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exporter.sources import gzip_content
from exporter.sources.content import PlainContent, content_of
from exporter.sources.gzip_content import GzipContent
from exporter.sources.position import TAIL_BYTES
from tests.exporter.sources.logs import member

DATA = b"".join(b"%d %s\n" % (number, b"y" * (number % 90)) for number in range(3000))

Opener = Callable[[bytes], GzipContent]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    monkeypatch.setattr(gzip_content, "BLOCK_BYTES", 4096)
    descriptors = []

    def opener(data: bytes) -> GzipContent:
        path = tmp_path / "log"
        path.write_bytes(data)
        descriptors.append(os.open(path, os.O_RDONLY))
        return GzipContent(descriptors[-1])

    yield opener
    for descriptor in descriptors:
        os.close(descriptor)


def test_any_place_can_be_read_in_any_order(opened: Opener) -> None:
    content = opened(member(DATA))
    for offset, size in ((0, 10), (9000, 500), (8990, 64), (50_000, 9000), (100, 20), (5000, 100), (len(DATA) - 3, 99)):
        assert content.read(offset, size) == DATA[offset : offset + size]
    assert content.read(len(DATA) + 1000, 5) == b""
    assert content.finished


def test_reading_on_does_not_start_over(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    content = opened(member(DATA))
    monkeypatch.setattr(content, "_restart", lambda: pytest.fail("inflated from the beginning again"))
    for offset in range(0, len(DATA), 100):
        content.read(max(offset - TAIL_BYTES, 0), min(offset, TAIL_BYTES))
        assert content.read(offset, 5000) == DATA[offset : offset + 5000]


def test_a_growing_file_is_followed_byte_by_byte(tmp_path: Path) -> None:
    whole = member(DATA[:500]) + member(DATA[500:900])
    path = tmp_path / "log"
    path.write_bytes(whole[:2])
    descriptor = os.open(path, os.O_RDONLY)
    content = GzipContent(descriptor)
    reached = b""
    for size in range(2, len(whole) + 1):
        path.write_bytes(whole[:size])
        reached += content.read(len(reached), 10_000)
        assert DATA.startswith(reached)
        assert content.finished == (size in (len(member(DATA[:500])), len(whole)))
        assert content.incomplete != content.finished
    assert reached == DATA[:900]
    os.close(descriptor)


def test_empty_members_and_zero_padding_are_nothing(opened: Opener) -> None:
    content = opened(member(b"") + member(b"a\n") + b"\0" * 600 + member(b"b\n") + b"\0" * 9000)
    assert content.read(0, 99) == b"a\nb\n"
    assert content.finished
    assert not content.junk


def test_rubbish_behind_a_member_ends_the_content(opened: Opener) -> None:
    content = opened(member(b"a\n") + b"rubbish")
    assert content.read(0, 99) == b"a\n"
    assert content.junk
    assert content.damage is None


def test_a_broken_off_file_is_incomplete(opened: Opener) -> None:
    content = opened(member(DATA)[:-9])
    assert DATA.startswith(content.read(0, len(DATA)))
    assert content.incomplete


@pytest.mark.parametrize("place", [300, 2000, -6])
def test_all_that_lies_before_a_damage_is_given(opened: Opener, place: int) -> None:
    data = bytearray(member(DATA))
    data[place] ^= 0xFF
    content = opened(bytes(data))
    whole, size = content.read(0, len(DATA)), len(_until_fault(bytes(data)))
    assert content.damage
    assert len(whole) == size
    assert content.read(0, len(DATA)) == whole


def _until_fault(data: bytes) -> bytes:
    inflater, good = zlib.decompressobj(31), b""
    for index in range(len(data)):
        try:
            good += inflater.decompress(data[index : index + 1])
        except zlib.error:
            return good
    raise AssertionError(good)


def test_a_bomb_is_inflated_in_small_pieces(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip_content, "BLOCK_BYTES", 1 << 16)
    content = opened(gzip.compress(b"\n" * (30 << 20), 9))
    assert content.read(0, 1000) == b"\n" * 1000
    assert len(content._window) <= 2 << 16
    assert content.read(20 << 20, 10) == b"\n" * 10
    assert len(content._window) <= 2 << 16


def test_the_name_does_not_matter_and_one_byte_is_not_enough(tmp_path: Path) -> None:
    path = tmp_path / "log"
    for data, kind in ((b"", None), (b"\x1f", None), (member(b"a"), GzipContent), (b"a", PlainContent)):
        path.write_bytes(data)
        descriptor = os.open(path, os.O_RDONLY)
        content = content_of(descriptor)
        assert content is None if kind is None else isinstance(content, kind)
        os.close(descriptor)
