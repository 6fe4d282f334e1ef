"""What ``evaluate`` prints of logs that nobody here has seen before equals what their files say.

Each study logs in another way; every figure of every window, version and segment is computed again by
``tests.exporter.oracle``. Where the page says more than that or less, the test fails too.
"""

from __future__ import annotations

import gzip
import io
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pyarrow import csv, parquet
from sklearn.metrics import roc_auc_score

from exporter.cli import main
from tests.exporter.oracle import Figures, Key, Oracle
from tests.exporter.oracle_rows import DAY, Task
from tests.exporter.oracle_statistics import area
from tests.exporter.stranger import START, Study, write
from tests.exporter.studies import STUDIES

COMMON = """
    labels: {{path: labels.jsonl.gz, horizon: {horizon}}}
    predictions: {log}
    reference: reference.{format}
    segments: [segment]
    windows: [{{length: 24h, previous: true}}, 7d, all, 60rows, 5000rows]
    drift:
      numeric: [ks, psi, js, wasserstein, wasserstein_normed, tail]
      categorical: [psi, js, chi2, linf]
      min_rows: 20
"""
# What a stranger has to say beyond the smallest file.
SAID = {
    "wine": "    task: multiclass\n    features: {hue class: categorical}\n",
    "cancer": "    task: binary\n    positive_class: malignant\n",
    "digits": "    task: multiclass\n    features: {rows with ink: categorical}\n",
    "iris": "    task: multiclass\n    fields: {scores: {setosa: proba.setosa, versicolor: proba.versicolor,"
    " virginica: proba.virginica}}\n",
    "diabetes": "    task: regression\n",
}
HORIZONS = {"cancer": "6d"}

# The truth is computed as of these days after the beginning (None: after the newest record).
MOMENTS = [(None, "known"), (9, "all")]


def task_of(name: str, study: Study) -> Task:
    kinds = {"is strong": "categorical", "hue class": "categorical", "rows with ink": "categorical"}
    return Task(
        study.name,
        study.task,
        {feature: kinds.get(feature, "numeric") for feature in study.columns},
        [str(value) for value in study.classes],
        str(study.positive),
        scores_of(study),
        6 * DAY if name in HORIZONS else 30 * DAY,
    )


def scores_of(study: Study) -> Callable[[Mapping[str, Any]], Any] | None:
    """Return how the oracle finds a record's probabilities, in the order of the classes."""
    if not study.shape:
        return None
    key = {"score": "score", "mapping": "proba"}.get(study.shape, "scores")

    def find(record: Mapping[str, Any]) -> Any:
        value = record.get(key)
        if value is None or study.shape == "list":
            return value
        return [value] if study.shape == "score" else [value[str(name)] for name in study.classes]

    return find


class Case:
    """A study in a folder of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.study = STUDIES[name]()
        self.folder = folder
        self.said, self.horizon = SAID[name], HORIZONS.get(name, "30d")
        folder.mkdir(exist_ok=True)
        write(self.study, folder)
        self.oracle = Oracle(folder, task_of(name, self.study))

    def page(self, *arguments: str, format: str = "parquet", log: str = "predictions.jsonl.gz") -> Figures:  # noqa: A002
        common = COMMON.format(format=format, horizon=self.horizon, log=log)
        config = self.folder / "driftbell.yml"
        config.write_text(f'models:\n  "{self.study.name}":\n{self.said}{common}', encoding="utf-8")
        return figures_of(evaluated(config, *arguments))


def evaluated(config: Path, *arguments: str) -> str:
    out, err = io.StringIO(), io.StringIO()
    code = main(["evaluate", f"--config.file={config}", *arguments], out, err)
    assert (code, err.getvalue()) == (0, "")
    return out.getvalue()


def figures_of(page: str) -> Figures:
    return {
        (sample.name, frozenset(spelled(sample.labels).items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def spelled(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels with bounds of buckets as Python writes numbers."""
    bound = labels.get("le", "+Inf")
    return dict(labels) if bound == "+Inf" else {**labels, "le": str(float(bound))}


@pytest.fixture(scope="module", params=STUDIES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(request.param, tmp_path_factory.mktemp(request.param))


def tolerance(key: Key, value: float, deviations: Mapping[str, float]) -> float:
    labels = dict(key[1])
    if key[0].endswith("_seconds"):
        return 0.01 * abs(value)
    if labels.get("method") == "wasserstein":
        return 1e-4 * deviations[labels.get("feature_name") or labels["kind"]] + 1e-12
    if labels.get("method") == "wasserstein_normed":
        return 1e-4 + 1e-12
    if labels.get("metric") == "roc_auc":
        return 1e-4
    is_count = key[0].endswith(("_rows", "_total", "_bucket", "_count")) or key[0] == "ml_window_requests"
    return 0.0 if is_count else 1e-9 * max(1.0, abs(value))


def by_family(figures: Figures) -> dict[str, dict[Key, float]]:
    found: dict[str, dict[Key, float]] = defaultdict(dict)
    for key, value in figures.items():
        found[key[0]][key] = value
    return found


def differences(found: Figures, true: Figures, deviations: Mapping[str, float]) -> str:
    """Compare the families that the truth has, both ways."""
    wrong = []
    seen = by_family(found)
    for family, figures in by_family(true).items():
        for key in figures.keys() | {key for key in seen[family] if not is_elsewhere(key)}:
            one, other = seen[family].get(key), figures.get(key)
            if one is None or other is None or abs(one - other) > tolerance(key, other, deviations):
                wrong.append(f"{key[0]}{dict(sorted(key[1]))}: {one}, should be {other}")
    return "\n".join(sorted(wrong)[:20])


def is_elsewhere(key: Key) -> bool:
    """Say whether a figure has an oracle of its own, in the tests of its module."""
    labels = dict(key[1])
    return labels.get("kind") == "concept" or labels.get("metric") == "calibration_error"


def deviations_of(case: Case) -> dict[str, float]:
    reference = case.oracle.reference
    columns = {"data": "", "prediction": "prediction", "label": "label", "score": "score"}
    names = {**{name: name for name in case.study.columns}, **columns}
    found = {}
    for name, column in names.items():
        values = reference.get(column, [])
        if values and all(isinstance(value, int | float) for value in values):
            mean = math.fsum(values) / len(values)
            found[name] = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return found


@pytest.mark.parametrize(("day", "labels"), MOMENTS)
def test_every_figure_of_every_window_version_and_segment(case: Case, day: int | None, labels: str) -> None:
    midnight = START.replace(hour=0, minute=0, second=0, microsecond=0)
    at = None if day is None else midnight + timedelta(days=day)
    arguments = [f"--labels={labels}", *([] if at is None else [f"--at={at.isoformat()}"])]
    moment = None if at is None else round(at.timestamp()) * 1_000_000
    true = case.oracle.expected(moment, all_labels=labels == "all")
    assert len(true) > 500
    assert differences(case.page(*arguments), true, deviations_of(case)) == ""


def test_the_oracle_knows_areas() -> None:
    random = np.random.default_rng(0)
    is_positive, score = random.uniform(size=500) < 0.3, random.uniform(size=500).round(1)
    assert area(is_positive, score) == pytest.approx(roc_auc_score(is_positive, score), abs=1e-12)


def test_any_moment_will_do(case: Case) -> None:
    # Not on any grid, and written with an offset.
    at = datetime(2025, 3, 12, 17, 41, 7, tzinfo=UTC)
    true = case.oracle.expected(round(at.timestamp()) * 1_000_000, all_labels=False)
    found = case.page("--at=2025-03-12T23:11:07+05:30")
    assert differences(found, true, deviations_of(case)) == ""


def without_source(figures: Figures) -> Figures:
    own = ("ml_exporter_", "ml_model_config_info", "ml_reference_info")
    return {key: value for key, value in figures.items() if not key[0].startswith(own)}


def test_csv_and_parquet_are_the_same_reference(case: Case) -> None:
    in_csv = case.page(format="csv")
    assert without_source(in_csv) == without_source(case.page())


def test_what_was_not_used_is_counted_by_reason(case: Case) -> None:
    found = case.page("--labels=all")
    name = case.study.name

    def count(family: str, source: str, **labels: str) -> float:
        return found[family, frozenset({"model_name": name, "source": source, **labels}.items())]

    rejected = {
        dict(key[1])["reason"]: value for key, value in found.items() if key[0].startswith("ml_exporter_reject")
    }
    rejected = {reason: value for reason, value in rejected.items() if reason != "malformed"}
    assert rejected == dict.fromkeys(
        (
            "not_an_object",
            "missing_timestamp",
            "bad_timestamp",
            "bad_status",
            "missing_request_id",
            "missing_label",
        ),
        1,
    )
    for source, bad, used in (("predictions", 5, len(case.oracle.rows)), ("labels", 4, len(case.oracle.lines))):
        assert count("ml_exporter_rejected_rows_total", source, reason="malformed") == 1
        assert count("ml_exporter_rows_total", source) == bad + used
        assert count("ml_exporter_late_rows_total", source) == 0
        assert count("ml_exporter_ignored_rows_total", source) == 0
    assert not [key for key in found if key[0] == "ml_exporter_invalid_fields_total"]


def test_the_smallest_file(case: Case) -> None:
    config = case.folder / "smallest.yml"
    said = "    positive_class: malignant\n" if case.study.positive else ""
    config.write_text(
        f'models:\n  "{case.study.name}":\n    task: {case.study.task}\n{said}'
        "    predictions: predictions.jsonl.gz\n    reference: reference.parquet\n",
        encoding="utf-8",
    )
    found = figures_of(evaluated(config))
    features = {dict(key[1])["feature_name"] for key in found if key[0] == "ml_data_quality_rows"}
    # Nothing says that `segment` is none, and no class's probability is taken for a feature.
    assert features == {*case.study.columns, "segment"}
    assert any(key[0] == "ml_drift_score" for key in found)


def test_a_class_that_the_reference_never_saw_is_known_by_its_probability(tmp_path: Path) -> None:
    case = Case("wine", tmp_path)
    table = parquet.read_table(tmp_path / "reference.parquet")
    rare = pc.or_(pc.equal(table["label"], "barolo"), pc.equal(table["prediction"], "barolo"))
    parquet.write_table(table.filter(pc.invert(rare)), tmp_path / "reference.parquet")
    table = csv.read_csv(tmp_path / "reference.csv")
    csv.write_csv(table.filter(pc.invert(rare)), tmp_path / "reference.csv")
    true = Oracle(tmp_path, task_of("wine", case.study)).expected(None, all_labels=False)
    assert differences(case.page(), true, deviations_of(Case("wine", tmp_path / "whole"))) == ""
    assert without_source(case.page(format="csv")) == without_source(case.page())


def test_models_that_share_their_logs(tmp_path: Path) -> None:
    """A log of two models, told apart by a field: each has its own figures, and ignores the other's records."""
    cases = [Case(name, tmp_path / name) for name in ("iris", "diabetes")]
    lines = [read_lines(case.folder / "predictions.jsonl.gz") for case in cases]
    mixed = [line for pair in zip_longest(*lines) for line in pair if line and '"model"' in line]
    for case in cases:
        (case.folder / "mixed.jsonl").write_text("".join(mixed), encoding="utf-8")
        fields = "    fields:\n      model: model\n"
        said = case.said.replace("    fields: {", "    fields:\n      model: model\n      ").replace("}}\n", "}\n")
        case.said = said if "model: model" in said else said + fields
        found = case.page(log="mixed.jsonl")
        assert differences(found, case.oracle.expected(None, all_labels=False), deviations_of(case)) == ""
        other = sum('"diabetes' in line if case.study.name == "iris" else '"iris"' in line for line in mixed)
        key = "ml_exporter_ignored_rows_total", frozenset({("model_name", case.study.name), ("source", "predictions")})
        assert found[key] == other > 0


def read_lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(file)
