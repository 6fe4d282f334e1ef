from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.rows.category import text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        (" 1.0 ", " 1.0 "),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-0.0, "0"),
        (-2.0, "-2"),
        (0.1, "0.1"),
        (1e22, "1" + 22 * "0"),
        (1e-7, "1e-07"),
        (10**400, "1" + 400 * "0"),
        (2**53 + 1, "9007199254740993"),
    ],
)
def test_the_spelling_of_a_category(value: str | bool | float, text: str) -> None:
    assert text_of(value) == text


@given(st.integers())
def test_a_whole_number_is_one_category_as_an_integer_and_as_a_float(number: int) -> None:
    if float(number) == number:
        assert text_of(float(number)) == text_of(number)
    assert int(text_of(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_different_numbers_are_different_categories(one: float, other: float) -> None:
    assert (text_of(one) == text_of(other)) == (one == other)
