from __future__ import annotations

from typing import Any

import pytest

from exporter.configuration.objective_check import sentences
from exporter.configuration.objectives import Slo


def said(pace: float | None = None, **slo: Any) -> list[str]:
    return list(sentences("up", Slo.model_validate({"availability": True, "objective": 0.999, **slo}), pace))


def test_how_many_events_there_have_to_be() -> None:
    needs = "slo up: lest one bad event alone fires a burn rate, there have to be 70 in 1h, 167 in 6h, 334 in 1d, 1000 in 3d"
    assert said() == [needs]
    assert said(pace=1.0) == [needs]


def test_a_log_that_brings_too_few_of_them() -> None:
    _, *found = said(pace=0.01)
    assert found == [
        "slo up: about 36 events come in 1h, so one bad event alone fires the burn rate 14.4 over 1h and 5m"
    ]
    assert len(said(pace=0.001)) == 5


def test_what_never_fires() -> None:
    dead, needs = said(objective=0.8)
    assert (
        dead == "slo up: not even if every event is bad fires a burn rate of 14.4 over 1h and 5m or 6 over 6h and 30m"
    )
    assert needs.endswith("there have to be 2 in 1d, 5 in 3d")


@pytest.mark.parametrize("pace", [None, 1e-6])
def test_minutes_come_at_their_own_pace(pace: float | None) -> None:
    assert len(said(pace, availability=False, throughput="1/min")) == 2
    # 60 minutes are fewer than 70, and 3 days have 72 hours.
    assert len(said(pace, availability=False, throughput="1/h")) == 5


def test_of_a_ratio_nobody_knows_the_pace() -> None:
    assert len(said(1e-6, availability=False, ratio={"good": "a", "total": "b"})) == 1


@pytest.mark.parametrize(("said_period", "factor"), [({"period": "7d"}, "3.36"), ({"calendar": "week"}, "3.36"),
                                                     ({"calendar": "quarter"}, "43.2")])  # fmt: skip
def test_other_periods_have_other_factors(said_period: dict[str, str], factor: str) -> None:
    assert any(f"burn rate {factor} over 1h" in text for text in said(0.0, **said_period))


def test_a_day_is_too_short() -> None:
    assert said(period="1d") == ["slo up: a period of 1d is too short for the usual burn-rate pairs"]
