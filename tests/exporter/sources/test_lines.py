from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.sources import lines as module
from exporter.sources.lines import NO_LINES, Lines, cut

LOGS = st.lists(st.sampled_from([b"", b" ", b"a", b"bc", b"d\r", b"\r", b"long line", b"\xc3\xa9"]), max_size=12).map(
    b"\n".join
)


@pytest.fixture(autouse=True, params=["compiled", "NumPy"])
def _both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "NumPy":
            patch.setattr(module, "native", None)
        elif module.native is None:
            pytest.skip("there was no C compiler")
        yield


def plainly(log: bytes, limit: int) -> tuple[list[bytes], int]:
    lines = [line.removesuffix(b"\r") for line in log.split(b"\n")]
    fitting = [line for line in lines if len(line) <= limit]
    return [line for line in fitting if line.strip()], len(lines) - len(fitting)


@given(LOGS, st.integers(1, 8), st.lists(st.integers(1, 5), min_size=200, max_size=200))
def test_where_blocks_end_does_not_matter(log: bytes, limit: int, growth: list[int]) -> None:
    lines: list[bytes] = []
    used, size, too_long, skipping, last = 0, 0, 0, False, False
    for more in growth:
        size += more
        last = used + size >= len(log)
        part = cut(log[used : used + size], limit, skipping=skipping, last=last)
        lines += part.lines
        too_long, skipping = too_long + part.too_long, part.skipping
        used, size = used + part.used, size - part.used
        if last:
            break
    assert last
    assert used == len(log)
    assert (lines, too_long) == plainly(log, limit)


def test_a_carriage_return_at_the_limit_is_not_part_of_the_line() -> None:
    assert cut(b"abc\r", 3).used == 0
    assert cut(b"abc\r\n", 3).lines == [b"abc"]
    assert cut(b"abcd\n", 3).too_long == 1


def test_only_one_carriage_return_goes() -> None:
    assert cut(b"a\r\r\n", 9).lines == [b"a\r"]


def test_the_held_back_part_of_a_line_is_bounded() -> None:
    part = cut(b"x" * 12, 10)
    assert (part.used, part.too_long, part.skipping) == (12, 1, True)
    rest = cut(b"x" * 1000, 10, skipping=True)
    assert (rest.used, rest.too_long, rest.skipping) == (1000, 0, True)
    assert cut(b"x\nnext\n", 10, skipping=True).lines == [b"next"]


def test_an_unterminated_line_is_taken_only_when_nothing_can_follow() -> None:
    assert cut(b"a\nb", 9).lines == [b"a"]
    assert cut(b"a\nb", 9, last=True).lines == [b"a", b"b"]


def test_lines_are_a_sequence() -> None:
    lines = cut(b"a\nbc\r\n \n\nd\n", 9).lines
    assert isinstance(lines, Lines)
    assert (len(lines), lines[0], lines[1], lines[-1]) == (3, b"a", b"bc", b"d")
    assert (list(lines[1:]), list(lines[::-1]), list(reversed(lines))) == (
        [b"bc", b"d"],
        [b"d", b"bc", b"a"],
        [b"d", b"bc", b"a"],
    )
    assert lines[:2] == [b"a", b"bc"]
    assert lines != [b"a", b"bc"]
    assert lines != b"abcd"
    with pytest.raises(IndexError):
        lines[3]
    assert not NO_LINES
    assert not list(NO_LINES)


@given(st.lists(st.binary(max_size=5), max_size=6))
def test_lines_that_are_there_one_by_one_may_hold_anything(several: list[bytes]) -> None:
    assert list(Lines.of(several)) == several


@given(st.binary(max_size=300).map(lambda text: text.replace(b"0", b"\n").replace(b"1", b"\r\n")))
def test_any_bytes_are_cut_as_they_are_split(log: bytes) -> None:
    assert cut(log, 1000, last=True).lines == plainly(log, 1000)[0]


def test_nothing_to_cut() -> None:
    for skipping in (False, True):
        for last in (False, True):
            part = cut(b"", 9, skipping=skipping, last=last)
            assert (list(part.lines), part.used, part.too_long, part.skipping) == ([], 0, 0, skipping)


@pytest.mark.parametrize("log", [b"", b"\n", b"a\n" * 1000, b"\n" * 63 + b"a\n", b"a" * 200, b"a" * 63 + b"\n"])
def test_lines_of_every_length_are_found(log: bytes) -> None:
    assert cut(log, 1000).lines == [line for line in log.split(b"\n")[:-1] if line]


def test_compiled_code_counts_line_feeds_beyond_its_room() -> None:
    if module.native is None:
        return
    places = np.full(2, -1)
    assert module.native.find(b"a\n\nb\nc", places) == 3
    assert places.tolist() == [1, 2]
    assert module.native.find(b"", places[:0]) == 0
