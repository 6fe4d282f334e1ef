from __future__ import annotations

from collections.abc import Iterator

import pytest

from exporter import catalogue
from exporter.service.figure_failures import FigureFailures
from exporter.snapshot import Sample

HOUR = 3_600_000_000
GOOD = Sample(catalogue.PENDING_ROWS, ("m", "labels"), 3)


def broken() -> Iterator[Sample]:
    yield GOOD
    raise ZeroDivisionError("in the middle")


def failures(found: FigureFailures, *models: str) -> dict[str, object]:
    return {sample.labels[0]: sample.value for sample in found.samples(models)}


def test_a_group_is_there_as_a_whole_or_not_at_all() -> None:
    found = FigureFailures()
    attempts = found.attempts("m", 0)
    assert attempts("drift", lambda: [GOOD]) == [GOOD]
    assert not attempts.failed
    assert list(attempts("drift", broken)) == []
    assert attempts.failed
    assert failures(found, "m", "other") == {"m": 1, "other": 0}


def test_each_group_of_each_model_is_in_the_log_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    found = FigureFailures()
    for minute in range(61):
        for model, group in (("m", "drift"), ("m", "quality"), ("n", "drift")):
            found.attempts(model, minute * HOUR // 60)(group, broken)
    assert failures(found, "m", "n") == {"m": 122, "n": 61}
    assert len(caplog.records) == 6
    assert all(record.exc_info for record in caplog.records)


@pytest.mark.parametrize(
    "odd",
    [
        GOOD._replace(value=float("nan")),
        GOOD._replace(value="three"),  # type: ignore[arg-type]  # an error of ours
        GOOD._replace(labels=("m",)),
        GOOD._replace(labels=("m", None)),  # type: ignore[arg-type]  # the same
        GOOD._replace(value=4),
    ],
)
def test_a_sample_that_cannot_be_written_is_left_out_and_one_that_is_there_twice(odd: Sample) -> None:
    found = FigureFailures()
    another = Sample(catalogue.PENDING_ROWS, ("m", "predictions"), 5)
    assert found.sound([GOOD, odd, another], 0) == [GOOD, another]
    assert failures(found, "m") == {"m": 1}


def test_one_that_is_no_model_s_own_is_counted_all_the_same() -> None:
    found = FigureFailures()
    assert found.sound([Sample(catalogue.FAILED_COMMITS, (), float("nan"))], 0) == []
    assert failures(found, "") == {"": 1}
