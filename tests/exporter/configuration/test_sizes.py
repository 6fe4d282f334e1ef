"""Sizes in bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.configuration.sizes import format_size, parse_size


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1B", 1), ("2kB", 2000), ("2 KiB", 2048), ("1MB", 10**6), ("1MiB", 2**20), ("3GiB", 3 * 2**30)],
)
def test_a_size_is_read(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    "text", ["", "1", "MiB", "1.5MiB", "-1MiB", "1mib", "1M", "1  MiB", "1MiB\n", "9" * 5000 + "B"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a size"):
        parse_size(text)


@given(st.integers(1, 10**11))
def test_what_is_written_is_read_again(size: int) -> None:
    assert parse_size(format_size(size)) == size
