from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exporter.counting.layout import Layout
from exporter.figures import sequential
from exporter.rows.outcomes import Settled
from exporter.sequential import detector_state
from exporter.sequential.cusum import LEARN
from exporter.sequential.detector import EVERY, Detector
from exporter.sequential.residuals import residuals
from exporter.snapshot import snapshot_of
from exporter.state.codec import pack, unpack
from tests.exporter.kept import kept_predictions
from tests.exporter.small_models import layout_of

HOUR = 3_600_000_000
DAY = 24 * HOUR
SAID = "drift: {min_rows: 5, sequential: {slice: 1h}}"


def settled(
    times: list[int],
    label: list[float],
    *,
    predicted: float = 1.0,
    score: float = 0.7,
    version: int = 0,
    delay: int = 0,
) -> Settled:
    """Return predictions of one kind with their labels, settled ``delay`` after their settle time."""
    time = np.array(times, np.int64)
    rows = kept_predictions(time, version=version, predicted=predicted, scores=[score])
    return Settled(rows, np.array(label), time + DAY + delay)


def hour(number: int, positive: int, rows: int = 10, version: int = 0) -> Settled:
    times = [number * HOUR + place for place in range(rows)]
    return settled(times, [1.0] * positive + [0.0] * (rows - positive), version=version)


def binary(folder: Path, said: str = SAID) -> Layout:
    return layout_of(folder, "binary", said)


def test_bias_is_what_came_true_less_its_probability(tmp_path: Path) -> None:
    layout = binary(tmp_path)
    there, terms = residuals(layout, settled([1, 2], [1.0, 0.0]))
    assert there.tolist() == [0, 1]
    assert terms == pytest.approx(np.array([[0.3, 0.0], [-0.7, 1.0]]))
    _, unscored = residuals(layout, settled([1], [0.0], score=np.nan))
    assert unscored.tolist() == [[-1.0, 1.0]]


def test_a_slice_is_judged_once_when_all_of_it_has_settled(tmp_path: Path) -> None:
    detector = Detector(binary(tmp_path))
    detector.add(hour(3, 5))
    detector.advance(4 * HOUR - 1)
    assert EVERY not in detector.watches
    detector.advance(4 * HOUR)
    detector.advance(5 * HOUR)
    assert detector.watches[EVERY].rows == detector.watches[0].rows == 10
    assert detector.open == {}


def test_what_comes_late_is_left_out_and_counted(tmp_path: Path) -> None:
    layout = binary(tmp_path)
    detector = Detector(layout)
    detector.add(settled([1], [1.0], delay=1))
    detector.add(hour(3, 5))
    detector.advance(4 * HOUR)
    detector.add(hour(3, 5, rows=7))
    assert detector.watches[EVERY].rows == 10
    (sample,) = sequential.counters(layout, detector)
    assert sample.value == 8
    detector.forget(0)
    (sample,) = sequential.counters(layout, detector)
    assert sample.value == 8


def test_slices_with_few_rows_are_judged_together(tmp_path: Path) -> None:
    detector = Detector(binary(tmp_path))
    for number in range(4):
        detector.add(hour(number, 1, rows=2))
    detector.advance(10 * HOUR)
    watch = detector.watches[EVERY]
    assert (watch.rows, watch.cusums[0].slices, watch.carried.rows) == (6, 1, 2)


def test_batches_and_restarts_change_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    layout = binary(tmp_path)
    whole, pieces = Detector(layout), Detector(layout)
    batches = [hour(number, int(random.integers(3, 10)), version=number % 3 == 0) for number in range(60)]
    for batch in batches:
        whole.add(batch)
    whole.advance(60 * HOUR)
    for number, batch in enumerate(batches):
        chosen = np.arange(10) % 2 == 0
        for part in (chosen, ~chosen):
            pieces.add(Settled(batch.rows.take(part), batch.value[part], batch.moment[part]))
        pieces.advance(number * HOUR)
        document = unpack(pack(detector_state.document_of(pieces)))
        pieces = Detector(layout)
        detector_state.restore(pieces, document)
    pieces.advance(60 * HOUR)
    assert dict(pieces.scores(EVERY)) == dict(whole.scores(EVERY))
    assert pieces.watches[EVERY].rows == whole.watches[EVERY].rows == 600


def test_slices_of_another_length_begin_anew(tmp_path: Path) -> None:
    before = Detector(binary(tmp_path))
    before.add(settled([1], [1.0], delay=1))
    before.add(hour(3, 5))
    before.advance(5 * HOUR)
    after = Detector(binary(tmp_path, "drift: {sequential: {slice: 2h}}"))
    detector_state.restore(after, unpack(pack(detector_state.document_of(before))))
    assert after.watches[0].late == 1
    assert after.watches[EVERY].rows == 0


def test_a_change_of_the_concept_shows_beside_its_limit(tmp_path: Path) -> None:
    """Labels come true seven times in ten, as the scores say, and then three times."""
    layout = binary(tmp_path)
    layout.versions.code("v1")
    detector = Detector(layout)
    for number in range(40):
        detector.add(hour(number, 7 + number % 3 - 1 if number < 30 else 3))
        detector.advance((number + 1) * HOUR)
        over = {
            sample.labels[4]
            for sample in sequential.figures(layout, detector)
            if sample.metric.name == "ml_drift_score"
            and isinstance(sample.value, float)
            and sample.value > detector.limits[sample.labels[4].removeprefix("cusum_")]
        }
        assert over <= (set() if number < 30 else {"cusum_bias", "cusum_error"})
    assert over == {"cusum_bias", "cusum_error"}
    samples = list(snapshot_of(sequential.figures(layout, detector)))
    assert {sample.labels[1] for sample in samples} == {"", "v1"}
    assert len([sample for sample in samples if sample.metric.name == "ml_drift_threshold"]) == 4


def test_there_is_no_score_before_it_is_known_what_is_usual(tmp_path: Path) -> None:
    layout = binary(tmp_path)
    detector = Detector(layout)
    for number in range(LEARN):
        assert list(detector.scores(EVERY)) == []
        detector.add(hour(number, 7))
        detector.advance((number + 1) * HOUR)
    assert dict(detector.scores(EVERY)) == {"bias": 0.0, "error": 0.0}


@pytest.mark.parametrize(
    ("task", "said", "watched"),
    [
        ("binary", "", {"bias", "error"}),
        ("multiclass", "", {"error"}),
        ("regression", "", {"bias", "error"}),
        ("regression", "drift: {sequential: {methods: [bias]}}", {"bias"}),
        ("binary", "drift: {sequential: {methods: []}}", set()),
    ],
)
def test_which_residuals_are_watched(tmp_path: Path, task: str, said: str, watched: set[str]) -> None:
    detector = Detector(layout_of(tmp_path, task, said))
    assert set(detector.limits) == watched
    assert Detector(layout_of(tmp_path, task, said, labels=False)).limits == {}


def test_a_longer_slice_or_more_warnings_lower_the_limit(tmp_path: Path) -> None:
    limits = [
        Detector(binary(tmp_path, said)).limits["bias"]
        for said in (
            "drift: {sequential: {slice: 1h}}",
            "drift: {sequential: {slice: 24h}}",
            "thresholds: {false_warnings: 10}",
        )
    ]
    assert limits == sorted(limits, reverse=True)
    assert len(set(limits)) == 3
