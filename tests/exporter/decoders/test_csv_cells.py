from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.decoders import leaf as leaves
from exporter.decoders.columns import LAST_TIME, times
from exporter.decoders.csv_cells import column_of, numbers
from exporter.decoders.leaf import INVALID_VALUE, Leaf, spelling_of
from exporter.decoders.typed import BAD_TIME, values_of

PATH = ("x",)
UNUSABLE = INVALID_VALUE


def values(leaf: Leaf, *cells: str) -> list[Any]:
    return list(values_of(column_of(leaf, cells)))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("", math.nan),
        ("nan", math.nan),
        ("NaN", math.nan),
        ("1", 1.0),
        ("-0.5e3", -500.0),
        ("9007199254740993", 9007199254740992.0),
        (" 1 ", 1.0),
        ("+1", 1.0),
        ("01.", 1.0),
        (".5", 0.5),
        ("[1", math.inf),
        ("]", math.inf),
        ("inf", math.inf),
        ("-Infinity", math.inf),
        ("1e400", math.inf),
        ("1_000", math.inf),
        ("1,5", math.inf),
        ("0x10", math.inf),
        ("true", math.inf),
        ("null", math.inf),
        ("x", math.inf),
    ],
)
def test_numbers(cell: str, expected: float) -> None:
    # Alone, among numbers, among empty cells and among what is none: each of these is read in a way of its own.
    for others in ([], ["1"], ["", "2"], ["?"]):
        np.testing.assert_array_equal(numbers([*others, cell])[-1:], [expected])


@given(st.lists(st.one_of(st.floats().map(str), st.integers().map(str), st.decimals().map(str), st.just(""))))
def test_numbers_are_what_python_reads(cells: list[str]) -> None:
    def read(cell: str) -> float:
        try:
            value = float(cell or "nan")
        except ValueError:  # a signalling NaN
            return math.inf
        return math.inf if math.isinf(value) else value

    np.testing.assert_array_equal(numbers(cells), [read(cell) for cell in cells])


@pytest.mark.parametrize(
    ("spelling", "cell", "expected"),
    [
        (None, "True", "True"),
        (None, "1.0", "1.0"),
        ({"text"}, "1.0", "1.0"),
        ({"text"}, "nan", "nan"),
        ({"text"}, "", None),
        ({"boolean"}, "True", "true"),
        ({"boolean"}, "FALSE", "false"),
        ({"boolean"}, "tRUE", "tRUE"),
        ({"boolean"}, "1", "1"),
        ({"number"}, "1.0", "1"),
        ({"number"}, "1", "1"),
        ({"number"}, "-0", "0"),
        ({"number"}, "2.50", "2.5"),
        ({"number"}, "1e2", "100"),
        ({"number"}, "007", "007"),
        ({"number"}, "1_0", "1_0"),
        ({"number"}, "nan", None),
        ({"number"}, "-inf", UNUSABLE),
        ({"number"}, "1e400", UNUSABLE),
        ({"number"}, "9" * 5000, UNUSABLE),
        ({"number"}, "other", "other"),
        ({"number"}, "True", "True"),
        ({"number", "text"}, "1.0", "1"),
        ({"number", "text"}, "nan", "nan"),
        ({"number", "boolean"}, "True", "true"),
    ],
)
def test_categories_are_spelled_like_those_that_are_known(spelling: set[str] | None, cell: str, expected: Any) -> None:
    leaf = leaves.category("c", PATH, frozenset(spelling) if spelling else None)
    assert values(leaf, cell) == [expected]


def test_what_known_texts_stand_for() -> None:
    assert spelling_of([]) is None
    assert spelling_of(["0", "1", "2.5"]) == frozenset({"number"})
    assert spelling_of(["true"]) == frozenset({"boolean"})
    for texts in (["1.0"], ["01"], ["1", "a"], ["true", "1"], ["nan"]):
        assert spelling_of(texts) is None


def test_names_stand_as_they_are_written() -> None:
    assert values(leaves.identifier("request_id", PATH), "1.0", "", "True") == ["1.0", None, "True"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("200", 200), ("200.0", 200), ("", None), ("nan", None), ("99", UNUSABLE), ("20x", UNUSABLE), ("200.5", UNUSABLE)],
)
def test_statuses(cell: str, expected: Any) -> None:
    assert values(leaves.status(PATH), "500", cell) == [500, expected]


@pytest.mark.parametrize("cell", ["soon", "2026-01-01", "2026-01-01T00:00:00", "5", "nan"])
def test_texts_that_are_no_times(cell: str) -> None:
    leaf = leaves.timestamp(PATH, "rfc3339", None)
    assert values(leaf, cell) == [UNUSABLE]
    assert values(leaf, "2026-01-01T00:00:00Z", cell)[1] is UNUSABLE


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("12", 12), ("12.5", 12.5), ("1e3", 1000.0), ("x", UNUSABLE), ("nan", UNUSABLE), ("inf", UNUSABLE), ("", None)],
)
def test_numbers_since_the_epoch(cell: str, expected: Any) -> None:
    # The other cell makes sure that this one is read by itself.
    assert values(leaves.timestamp(PATH, "epoch_s", None), cell, "?")[0] == expected


@given(
    st.lists(st.integers(-(2**70), 2**70) | st.integers(-(10**12), 10**12) | st.sampled_from([-(2**63), 2**63 - 1])),
    st.sampled_from(["epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]),
)
def test_whole_numbers_since_the_epoch_are_exact_or_out_of_all_reason(moments: list[int], time_format: Any) -> None:
    def microseconds(moment: int) -> int:
        nanoseconds = moment * {"epoch_s": 10**9, "epoch_ms": 10**6, "epoch_us": 1000, "epoch_ns": 1}[time_format]
        return nanoseconds // 1000 if abs(nanoseconds // 1000) < LAST_TIME else BAD_TIME

    column = column_of(leaves.timestamp(PATH, time_format, None), list(map(str, moments)))
    assert times(column, time_format, None).tolist() == list(map(microseconds, moments))


@pytest.mark.parametrize("cell", ["{", "5", '"a"', "[" * 100_000])
def test_scores_that_are_no_json_of_scores(cell: str) -> None:
    assert values(leaves.scores(PATH), cell) == [UNUSABLE]
