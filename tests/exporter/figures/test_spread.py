"""What people see is what the score was reckoned from: the textbook's PSI from the one is the other."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.figures.spread import NOTHING, Spread, spreads_of
from exporter.pipeline import Pipeline
from tests.exporter.small_models import model_of

DAY = 86_400_000_000
NOW = 1_800_000_000_000_000


def psi(spread: Spread, floor: float = 1e-4) -> float:
    now, before = sum(spread.rows), sum(spread.reference)
    pairs = [(max(a / now, floor), max(b / before, floor)) for a, b in zip(spread.rows, spread.reference, strict=True)]
    return sum((a - b) * math.log(a / b) for a, b in pairs)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Three days of which the middle one is another world."""
    random = np.random.default_rng(5)
    said = (
        "windows: [1d, 2d]\ntime_format: epoch_us\nfields: {version: null}\ndrift: {numeric: [psi], categorical: [psi]}"
    )
    model = model_of(tmp_path, "binary", f"{said}\nallowed_lateness: 0s\nthresholds: {{windows: [1d]}}")
    reference = {
        "amount": random.lognormal(size=400).round(3).tolist(),
        "country": random.choice(["DE", "FR", "PL"], 400, p=[0.6, 0.3, 0.1]).tolist(),
        "label": random.integers(0, 2, 400).tolist(),
        "prediction": random.integers(0, 2, 400).tolist(),
    }
    lines = [reference, *zip(*reference.values(), strict=True)]
    (tmp_path / "reference.csv").write_text("".join(",".join(map(str, line)) + "\n" for line in lines))
    records = [
        {
            "timestamp": i * 3 * DAY // 900,
            "features": {
                "amount": round(float(random.lognormal(2.0 * (300 <= i < 600))), 3),
                "country": "DE" if i % 3 else "XX",
            },
            "prediction": i % 2,
        }
        for i in range(901)
    ]
    (tmp_path / "none.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (tmp_path / "no-labels.jsonl").touch()
    made = Pipeline(model, profile_of(model, None), 1, finish=True)
    while made.step(NOW):
        pass
    return made


def test_rows_by_bin_are_those_of_the_score(pipeline: Pipeline) -> None:
    found = spreads_of(pipeline.ledger)
    assert found.window == "1d"
    by_name = {(spread.kind, spread.feature): spread for spread in found.columns}
    scores = {
        sample.labels[2:4]: sample.value
        for sample in pipeline.samples(pipeline.ledger.now)
        if sample.metric is catalogue.DRIFT_SCORE and sample.labels[1] == "" and sample.labels[-1] == "1d"
    }
    assert set(by_name) >= {("data", "amount"), ("data", "country"), ("prediction", "")}
    for about, spread in by_name.items():
        if sum(spread.rows):
            assert psi(spread) == pytest.approx(scores[about]), about


def test_bins_of_numbers_have_cuts_and_bins_of_categories_names(pipeline: Pipeline) -> None:
    amount, country = (
        next(each for each in spreads_of(pipeline.ledger).columns if each.feature == name)
        for name in ("amount", "country")
    )
    assert (len(amount.cuts) + 1, amount.names) == (len(amount.rows), ())
    assert (country.cuts, country.names) == ((), ("DE", "FR", "PL"))
    # The unknown one is among all others; the last record lies at the end of the day, which is not in it.
    assert country.rows == (200, 0, 0, 100)
    assert country.reference[-1] == 0


def test_before_the_first_row_and_without_a_reference_there_is_nothing(tmp_path: Path) -> None:
    said = "windows: [1d]\ntime_format: epoch_us\nfields: {version: null}"
    model = model_of(tmp_path, "binary", said)
    assert spreads_of(Pipeline(model, profile_of(model, None), 1).ledger) == NOTHING
