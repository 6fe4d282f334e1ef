"""What the boards below the overview say of a broken model."""

from __future__ import annotations

from tests.dashboards.harness.conftest import See
from tests.dashboards.harness.visits import GREEN, GREY, ORANGE, RED

MODEL = {"model_name": "churn", "window": "6h"}


def test_drift_is_orange_where_it_is_and_features_say_by_how_much(see: See) -> None:
    seen = see("drift", "broken", **MODEL)
    text, colour = seen.tile(3)
    assert float(text) >= 1
    assert colour in (ORANGE, RED)
    bars = [(figure["value"], figure["color"]) for figure in seen.panels[10]["figures"]]
    assert len(bars) >= 2
    assert all(colour == (GREEN if value < 1 else ORANGE) for value, colour in bars)
    assert see("drift", "healthy", **MODEL).tile(3)[1] == GREEN


def test_quality_says_its_verdict_in_a_word(see: See) -> None:
    text, colour = see("quality", "healthy", **MODEL, metric="accuracy").tile(1)
    assert colour == GREEN
    assert not text[0].isdigit()
    assert see("quality", "broken", **MODEL, metric="accuracy").panels[1]["title"] == "Verdict on accuracy"


def test_an_interval_is_named_once_and_its_limits_are_drawn(see: See) -> None:
    series = see("quality", "healthy", **MODEL, metric="accuracy").series(7)
    assert {"lower", "interval", "accuracy", "baseline"} <= series.keys()
    assert not series["lower"]["inLegend"]
    assert {name for name, each in series.items() if each["dashed"]} >= {"min warning", "min critical"}


def test_an_overdrawn_budget_is_red(see: See) -> None:
    text, colour = see("slo", "broken", model_name="churn", slo="up").tile(3)
    assert text.startswith("-")
    assert colour == RED
    assert see("slo", "healthy", model_name="churn", slo="up").tile(3)[1] == GREEN


def test_a_feature_shows_its_distribution_beside_the_reference(see: See) -> None:
    seen = see("feature", "healthy", **MODEL, feature_name="size").panels[7]
    assert {bars["name"] for bars in seen["bars"]} == {"now", "reference"}
    for bars in seen["bars"]:
        assert abs(sum(value or 0 for value in bars["values"]) - 1) < 0.02
        assert all(text.endswith("%") for text in bars["texts"])


def test_a_model_without_labels_has_no_verdict(see: See) -> None:
    assert see("quality", "broken", model_name="bare").tile(1)[1] == GREY
