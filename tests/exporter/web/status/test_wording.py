from __future__ import annotations

import math

import pytest

from exporter.web.status.wording import ago, cut, known, many, number, seconds, share, since, times

MINUS, TIMES, DASH = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace(MINUS, "-").replace(TIMES, "x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.25, "-0.250"),
        (0.12345, "0.123"),
        (12.3456, "12.3"),
        (1_234_567.0, "1 234 567"),
        (-1234.5, "-1 234"),
        (0.00001234, "1.23e-05"),
        (1e300, "1e+300"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert plain(number(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 %"),
        (0.5, "50 %"),
        (0.1234, "12.3 %"),
        (0.0004, "0.04 %"),
        (0.000_012_34, "0.0012 %"),
        (0.99999, "99.999 %"),
        (-0.0, "0 %"),
        (0.9996, "99.96 %"),
        (1, "100 %"),
        (-0.4, "-40 %"),
    ],
)
def test_shares(value: float, text: str) -> None:
    assert plain(share(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123, "12.3 ms"),
        (1.5, "1.5 s"),
        (42, "42 s"),
        (90, "1 min 30 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (100_000, "1 d 3 h"),
    ],
)
def test_lengths_of_time(value: float, text: str) -> None:
    assert plain(seconds(value)) == text


def test_moments() -> None:
    assert [plain(text) for text in (ago(100, 100.4), ago(10, 100), ago(200, 100))] == [
        "just now",
        "1 min 30 s ago",
        "in 1 min 40 s",
    ]
    assert 'datetime="1970-01-01T00:01:40Z"' in since(100.2, 130)
    assert "at no time" in since(1e18, 0)


def test_multiples_counts_and_what_is_not_there() -> None:
    assert [plain(times(value)) for value in (0.123, 12.34, 123.4, math.inf)] == ["0.12x", "12.3x", "123x", "∞x"]
    assert [plain(many(count, "category", "categories")) for count in (1, 2)] == ["1 category", "2 categories"]
    assert [known(None), known(0.5, share)] == [DASH, share(0.5)]


def test_long_names_are_cut() -> None:
    assert cut("a" * 10_000) == "a" * 119 + "…"
    assert cut("a" * 120) == "a" * 120
