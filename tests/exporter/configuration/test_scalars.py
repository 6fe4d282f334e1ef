"""What plain scalars mean: the traps of YAML 1.1 stay text."""

from __future__ import annotations

import pytest

from exporter.configuration.scalars import plain_scalar

TEXTS = [
    "no", "yes", "on", "off", "y", "n", "True", "FALSE", "Null", "NULL", "012", "-012", "00", "0x1F", "0o17", "1:30",
    "1_000", "2025-03-03", "1e", "e3", ".", "-", "+", "..5", ".inf", ".nan", "inf", "nan", "NaN", "1.2.3", "012.5",
    "<<", "=", "1 ", "٣", "1\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_what_only_looks_like_a_value_is_text(text: str) -> None:
    assert plain_scalar(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("9223372036854775807", 2**63 - 1),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-1.5E-3", -0.0015),
    ],
)
def test_a_plain_value_is_read(text: str, expected: object) -> None:
    found = plain_scalar(text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["9223372036854775808", "9" * 6000, "1e999", "-1e999"])
def test_a_number_that_no_field_holds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        plain_scalar(text)
