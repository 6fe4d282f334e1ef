from __future__ import annotations

from pathlib import Path

from exporter import catalogue
from exporter.configuration.alerts import AGES, DEFAULTS
from exporter.figures import limits
from tests.exporter.small_models import layout_of


def found(folder: Path, said: str = "") -> dict[tuple[str, ...], object]:
    samples = list(limits.information(layout_of(folder, "binary", said)))
    assert {sample.metric for sample in samples} == {catalogue.LIMIT}
    assert {sample.labels[0] for sample in samples} == {"small"}
    return {sample.labels[1:]: sample.value for sample in samples}


def test_every_limit_of_the_catalogue_is_a_series(tmp_path: Path) -> None:
    series = found(tmp_path)
    assert {name for name, _ in series} == {limit.name for limit in catalogue.LIMITS} == set(DEFAULTS)
    assert series["error_ratio", "emergency"] == 0.5
    assert series["model_age", "warning"] == 180 * 86_400
    assert AGES.issubset(DEFAULTS)


def test_what_is_written_takes_the_place_of_one_severity(tmp_path: Path) -> None:
    series = found(tmp_path, "alerts: {error_ratio: {critical: 0.2, info: null}, model_age: null}")
    assert series["error_ratio", "critical"] == 0.2
    assert series["error_ratio", "warning"] == 0.02
    assert ("error_ratio", "info") not in series
    assert not [name for name in series if name[0] == "model_age"]
