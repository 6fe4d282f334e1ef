from __future__ import annotations

import pytest

from exporter.sequential.run_length import average_run_length, limit_for


@pytest.mark.parametrize(("limit", "exact"), [(3.0, 117.6), (4.0, 335.4), (5.0, 930.9)])
def test_it_is_near_the_exact_run_lengths(limit: float, exact: float) -> None:
    """D. C. Montgomery, "Introduction to Statistical Quality Control": one-sided, an allowance of a half."""
    assert average_run_length(limit) == pytest.approx(exact, rel=0.02)


def test_the_limit_belongs_to_its_run_length() -> None:
    for run_length in (10.0, 60.0, 1e4, 1e9):
        assert average_run_length(limit_for(run_length)) == pytest.approx(run_length, rel=1e-6)


def test_no_run_length_is_too_long() -> None:
    assert 600 < limit_for(1e306) < 800
