from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from pyarrow import csv, parquet
from sklearn import metrics

from exporter.reference.build import build_profile
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import CategoricalColumn, NumericColumn, Profile
from exporter.reference.serialisation import to_bytes
from exporter.reference.table import read_table

ROOT = Path(__file__).parents[3]
OPTIONS = {
    "elec2": ProfileOptions(
        "binary", "prediction", "score", "label", segments={"segment": "segment"}, ignored=frozenset({"timestamp"})
    ),
    "bike": ProfileOptions(
        "regression", "prediction", None, "label", segments={"segment": "segment"}, ignored=frozenset({"timestamp"})
    ),
}
TRUE_NAMES = {"auc": "roc_auc"}


def example(name: str, ending: str) -> Path:
    path = ROOT / "examples" / name / f"reference.{ending}"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def truth(name: str) -> dict[str, Any]:
    path = ROOT / "tests" / "truth" / f"{name}.json.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))["reference"]
    return found


def built(table: pa.Table, options: ProfileOptions) -> Profile:
    return build_profile(table, options)[0]


def columns_of(profile: Profile) -> Mapping[str, Any]:
    return {**profile.features, "@score": profile.score, "@prediction": profile.prediction}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_real_references_agree_with_the_truth(name: str, ending: str) -> None:
    expected = truth(name)
    profile, warnings = build_profile(read_table(example(name, ending)), OPTIONS[name])
    assert warnings == ()
    assert profile.rows == expected["rows"]
    found = columns_of(profile)
    assert {key for key, value in found.items() if value is not None} == set(expected["columns"])
    for key, column in expected["columns"].items():
        _agrees(found[key], column)


def _agrees(found: NumericColumn | CategoricalColumn, expected: dict[str, Any]) -> None:
    assert found.counts.sum() == expected["n"]
    if isinstance(found, CategoricalColumn):
        assert dict(zip(found.categories, found.counts.tolist(), strict=True)) == expected["categories"]
        return
    said = [found.mean, found.std, found.minimum, found.maximum]
    assert said == pytest.approx([expected[key] for key in ("mean", "std", "min", "max")], rel=1e-9, abs=1e-9)
    assert found.quantile_cuts.tolist() == pytest.approx(expected["q10_edges"], rel=1e-9)
    # The truth repeats the cut of a constant column.
    assert found.width_cuts.tolist() == pytest.approx(list(dict.fromkeys(expected["w10_edges"])), rel=1e-9)


@pytest.mark.parametrize("name", OPTIONS)
def test_real_baselines_agree_with_the_truth(name: str) -> None:
    expected = truth(name)["performance"]
    profile = built(read_table(example(name, "parquet")), OPTIONS[name])
    overall = profile.baselines["", ""]
    assert overall.rows == expected["n"]
    for key, value in expected.items():
        if key not in {"n", "tp", "fp", "fn", "tn"}:
            assert overall.figures[TRUE_NAMES.get(key, key)] == pytest.approx(value, rel=1e-9, abs=1e-9)
    by_segment = [baseline.rows for (by, _), baseline in profile.baselines.items() if by == "segment"]
    assert len(by_segment) >= 2
    assert sum(by_segment) == overall.rows


@pytest.mark.parametrize("name", OPTIONS)
def test_the_format_and_the_order_of_rows_and_columns_do_not_matter(name: str, tmp_path: Path) -> None:
    table = read_table(example(name, "parquet"))
    expected = to_bytes(built(table, OPTIONS[name]))
    order = np.random.default_rng(2).permutation(table.num_rows)
    shuffled = table.take(order).select(sorted(table.column_names, reverse=True))
    lines = tmp_path / "reference.jsonl"
    lines.write_text("".join(json.dumps(row) + "\n" for row in shuffled.to_pylist()))
    for other in (shuffled, read_table(lines), read_table(example(name, "csv"))):
        assert to_bytes(built(other, OPTIONS[name])) == expected


def three_classes(rows: int = 600) -> dict[str, Any]:
    rng = np.random.default_rng(11)
    chances = rng.dirichlet([1.0, 1.0, 1.0], rows)
    label = [("cat", "dog", "big bird")[i] for i in (chances.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)]
    prediction = [("cat", "dog", "big bird")[i] for i in chances.argmax(axis=1)]
    return {
        "weight-kg": rng.lognormal(size=rows),
        "coat colour": rng.choice(["red", "blue"], rows),
        "score_cat": chances[:, 0],
        "score_dog": chances[:, 1],
        "score_big bird": chances[:, 2],
        "said": prediction,
        "true": label,
    }


MULTICLASS = ProfileOptions("multiclass", prediction="said", label="true")


def scikit_figures(data: dict[str, Any]) -> dict[str, float]:
    said, true = data["said"], data["true"]
    classes = ["big bird", "cat", "dog"]
    chances = np.column_stack([data[f"score_{name}"] for name in classes])
    known = np.array([[name == one for name in classes] for one in true])
    figures = {"accuracy": metrics.accuracy_score(true, said)}
    for average, ending in (("macro", ""), ("weighted", "_weighted")):
        figures[f"precision{ending}"] = metrics.precision_score(true, said, average=average)
        figures[f"recall{ending}"] = metrics.recall_score(true, said, average=average)
        figures[f"f1{ending}"] = metrics.f1_score(true, said, average=average)
    figures["roc_auc"] = metrics.roc_auc_score(true, chances, multi_class="ovr", labels=classes)
    figures["log_loss"] = metrics.log_loss(true, chances, labels=classes)
    figures["brier"] = float(((chances - known) ** 2).sum(axis=1).mean())
    given = [row[classes.index(name)] for row, name in zip(chances, said, strict=True)]
    figures["calibration_error"] = calibration_by_hand(
        given, [one == other for one, other in zip(said, true, strict=True)]
    )
    return figures


def calibration_by_hand(stated: list[float], right: list[bool]) -> float:
    """Return the debiased root mean square error of probabilities in bins of equal rows, of which there are 15 at most."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    number = min(max(len(stated) // 20, 1), 15)
    for value, hit in zip(stated, right, strict=True):
        below = sum(other < value for other in stated)
        middle = below + sum(other == value for other in stated) / 2
        bins.setdefault(min(int(middle * number / len(stated)), number - 1), []).append((value, hit))
    square = 0.0
    for rows in bins.values():
        share = sum(hit for _, hit in rows) / len(rows)
        off = share - sum(value for value, _ in rows) / len(rows)
        square += len(rows) / len(stated) * (off**2 - share * (1 - share) / (len(rows) - 1))
    return float(max(square, 0.0) ** 0.5)


def test_multiclass_figures_are_those_of_scikit_learn() -> None:
    data = three_classes()
    profile = built(pa.table(data), MULTICLASS)
    assert profile.classes == ("big bird", "cat", "dog")
    assert list(profile.features) == ["coat colour", "weight-kg"]
    assert profile.score is None
    assert dict(profile.baselines["", ""].figures) == pytest.approx(scikit_figures(data), rel=1e-9)


def test_class_scores_are_found_wherever_they_are() -> None:
    data = three_classes()
    classes = ["big bird", "cat", "dog"]
    scores = {name: data.pop(f"score_{name}") for name in ("cat", "dog", "big bird")}
    expected = built(pa.table(data | {f"score_{name}": values for name, values in scores.items()}), MULTICLASS).hash
    matrix = np.column_stack([scores[name] for name in classes])
    arrangements: list[tuple[dict[str, Any], Any]] = [
        ({f"proba_{name}": values for name, values in scores.items()}, None),
        ({f"scores.{name}": values for name, values in scores.items()}, None),
        ({f"p {name}": values for name, values in scores.items()}, {name: f"p {name}" for name in classes}),
        ({f"out.{name}": values for name, values in scores.items()}, "out"),
        ({"out": list(matrix.tolist())}, "out"),
        ({"out": pa.FixedSizeListArray.from_arrays(matrix.ravel(), 3)}, "out"),
    ]
    for columns, stated in arrangements:
        options = ProfileOptions("multiclass", prediction="said", label="true", scores=stated)
        assert built(pa.table(data | columns), options).hash == expected


def test_lists_of_the_wrong_length_leave_their_rows_without_scores() -> None:
    table = pa.table({"p": ["a", "b", "a"], "y": ["a", "b", "b"], "s": [[0.9, 0.1], None, [1.0]]})
    options = ProfileOptions("multiclass", prediction="p", label="y", scores="s")
    figures = built(table, options).baselines["", ""].figures
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["log_loss"] == pytest.approx(-np.log(0.9))
    with pytest.raises(ReferenceProblem, match="no list has 3 scores"):
        built(table, ProfileOptions("multiclass", "p", label="y", scores="s", classes=("a", "b", "c")))


def test_a_binary_model_may_log_scores_by_class() -> None:
    table = pa.table(
        {"x": [1, 2], "p": ["no", "yes"], "y": ["no", "yes"], "proba_yes": [0.2, 0.7], "proba_no": [0.8, 0.3]}
    )
    profile = built(table, ProfileOptions("binary", "p", label="y", positive_class="yes"))
    assert profile.score is not None
    assert profile.score.edges[[0, -1]].tolist() == [0.2, 0.7]
    assert list(profile.features) == ["x"]
    assert profile.baselines["", ""].figures["roc_auc"] == 1.0


def test_scores_that_are_no_probabilities_can_still_be_ranked() -> None:
    table = pa.table({"p": [0, 1], "y": [0, 1], "s": [-2.5, 3.0]})
    profile, warnings = build_profile(table, ProfileOptions("binary", "p", "s", "y"))
    assert profile.baselines["", ""].figures["roc_auc"] == 1.0
    assert "log_loss" not in profile.baselines["", ""].figures
    assert "outside 0..1" in warnings[0]


def test_a_prediction_log_can_be_a_reference(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [
        {"request_id": f"r{i}", "status": 200, "features": {"x y": i, "z": "ab"[i % 2]}, "out": {"p": i / 2}, "y": i}
        for i in range(9)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    profile = built(read_table(path), ProfileOptions("regression", "out.p", label="y"))
    assert list(profile.features) == ["x y", "z"]
    assert profile.baselines["", ""].figures["mae"] == pytest.approx(2.0)


TABLE = pa.table(
    {
        "id": [f"r{i}" for i in range(200)],
        "day": ["2024-01-01"] * 200,
        "code": [1, 2] * 100,
        "nothing": pa.nulls(200),
        "region": ["n", "s"] * 100,
        "p": [1.0, 2.0] * 100,
        "y": [1.0, 2.0] * 99 + [None, float("inf")],
    }
)


def test_what_is_no_feature_is_ignored_with_a_warning() -> None:
    options = ProfileOptions("regression", "p", label="y", segments={"area": "region"})
    profile, warnings = build_profile(TABLE, options)
    assert list(profile.features) == ["code"]
    assert [warning.split(":")[0] for warning in warnings] == [
        "column 'day' is ignored",
        "column 'id' is ignored",
        "column 'nothing' is ignored",
    ]


def test_stated_kinds_win() -> None:
    kinds = {
        "code": "categorical",
        "day": "categorical",
        "region": "categorical",
        "nothing": "numeric",
        "gone": "numeric",
    }
    options = ProfileOptions("regression", "p", label="y", segments={"area": "region"}, kinds=kinds)
    profile, warnings = build_profile(TABLE, options)
    assert list(profile.features) == ["code", "day", "nothing", "region"]
    code, nothing = profile.features["code"], profile.features["nothing"]
    assert isinstance(code, CategoricalColumn)
    assert (code.categories, code.domain) == (("1", "2"), frozenset({"number"}))
    assert isinstance(nothing, NumericColumn)
    assert nothing.missing == 200
    assert "feature 'gone' is not in the reference: its drift is not measured" in warnings


def test_a_feature_that_records_have_deep_inside_has_a_column_of_its_own_in_a_table() -> None:
    options = ProfileOptions("regression", "p", label="y", columns={"code": "request.item.code"})
    profile, warnings = build_profile(TABLE, options)
    assert "code" in profile.features
    assert [warning for warning in warnings if "not in the reference" in warning] == []
    code = built(TABLE.append_column("request.item.code", pa.array([5, 6] * 100)), options).features["code"]
    assert isinstance(code, NumericColumn)
    assert (code.edges.min(), code.edges.max()) == (5, 6)


def test_stated_features_alone_are_taken() -> None:
    options = ProfileOptions("regression", "p", label="y", features=("region", "size"), columns={"size": "code"})
    assert list(built(TABLE, options).features) == ["region", "size"]


def test_rows_without_prediction_or_label_are_left_out_of_baselines() -> None:
    profile = built(TABLE, ProfileOptions("regression", "p", label="y", segments={"area": "region"}))
    assert profile.baselines["", ""].rows == 198
    assert profile.baselines["area", "n"].rows == 99
    assert isinstance(profile.label, NumericColumn)
    assert (profile.label.missing, profile.label.invalid) == (1, 1)
    assert "r2" not in profile.baselines["area", "n"].figures, "its label is constant: nothing to explain"


def test_without_a_label_there_is_no_baseline() -> None:
    assert built(TABLE, ProfileOptions("regression", "p")).baselines == {}


@pytest.mark.parametrize(
    ("outputs", "stated", "classes", "positive"),
    [
        ([0, 1], {}, ("0", "1"), "1"),
        ([0.0, 1.0], {}, ("0", "1"), "1"),
        ([True, False], {}, ("false", "true"), "true"),
        (["no", "yes"], {"positive_class": "no"}, ("no", "yes"), "no"),
        (["b", "b"], {"classes": ("b", "a"), "positive_class": "a"}, ("b", "a"), "a"),
        ([10, 9], {"positive_class": "9"}, ("9", "10"), "9"),
    ],
)
def test_classes(outputs: list[Any], stated: dict[str, Any], classes: tuple[str, ...], positive: str) -> None:
    profile = built(pa.table({"p": outputs}), ProfileOptions("binary", "p", **stated))
    assert (profile.classes, profile.positive_class) == (classes, positive)


def test_the_classes_are_those_of_predictions_and_labels() -> None:
    table = pa.table({"p": [0, 0], "y": [1, 0]})
    assert built(table, ProfileOptions("binary", "p", label="y")).classes == ("0", "1")


def test_predictions_that_speak_another_language_than_labels_are_told_of() -> None:
    table = pa.table({"p": ["pass", "review"] * 5, "y": ["no", "yes"] * 5})
    with pytest.raises(ReferenceProblem, match=r"predictions \(pass, review\) and labels \(no, yes\) have no class in"):
        built(table, ProfileOptions("binary", "p", label="y", positive_class="yes"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (ProfileOptions("binary", "region"), "state positive_class"),
        (ProfileOptions("binary", "region", positive_class="x"), "not among the classes n, s"),
        (ProfileOptions("binary", "day"), "two classes, found: 2024-01-01"),
        (ProfileOptions("multiclass"), "no class is known"),
        (ProfileOptions("regression", "predicted"), "column 'predicted', named as prediction, is not there"),
        (ProfileOptions("regression", "p", label="y", segments={"area": "regoin"}), "did you mean 'region'?"),
        (ProfileOptions("regression", "p", features=("size",)), "column 'size', named as a feature, is not there"),
        (ProfileOptions("multiclass", "region", scores="p"), "holds double and no lists"),
        (ProfileOptions("multiclass", "region", scores={"n": "pn"}), "named as score of class 'n', is not there"),
    ],
)
def test_problems_say_what_to_do(options: ProfileOptions, said: str) -> None:
    with pytest.raises(ReferenceProblem) as caught:
        build_profile(TABLE, options)
    assert said in str(caught.value)


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(ReferenceProblem, match="no rows"):
        build_profile(TABLE.slice(0, 0), ProfileOptions("regression"))


def test_a_type_without_numbers_is_refused_by_name() -> None:
    table = pa.table({"x": [[1.0]], "p": [1.0]})
    with pytest.raises(ReferenceProblem, match="column 'x' holds list"):
        build_profile(table, ProfileOptions("regression", "p", kinds={"x": "numeric"}))
    with pytest.raises(ReferenceProblem, match="column 'x' holds list"):
        build_profile(table, ProfileOptions("regression", "p", kinds={"x": "categorical"}))


def test_predictions_outside_the_classes_are_told() -> None:
    table = pa.table({"p": ["a", "b", "z"], "y": ["a", "b", "a"]})
    profile, warnings = build_profile(
        table, ProfileOptions("binary", "p", label="y", classes=("a", "b"), positive_class="a")
    )
    assert profile.baselines["", ""].rows == 2
    assert warnings == ("predictions or labels outside the stated classes are left out of the baselines: 'z'",)


def test_progress_counts_columns() -> None:
    heard: list[tuple[int, int]] = []
    build_profile(pa.table({"a": [1], "b": [2]}), ProfileOptions("regression"), lambda *step: heard.append(step))
    assert heard == [(1, 2), (2, 2)]


def test_nulls_and_odd_names_are_the_same_in_every_format(tmp_path: Path) -> None:
    table = pa.table(
        {
            "room size (m²)": [1.5, None, 3.0, 1e-7],
            "has-lift": [True, None, False, True],
            "zip": ["007", None, "123", "007"],
            "p": [1.0, 2.0, 3.0, None],
        }
    )
    options = ProfileOptions("regression", "p", kinds={"zip": "categorical"})
    parquet.write_table(table, tmp_path / "a.parquet")
    csv.write_csv(table, tmp_path / "a.csv")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    hashes = {
        built(read_table(tmp_path / f"a.{ending}", None, options.text_columns()), options).hash
        for ending in ("parquet", "csv", "jsonl")
    }
    assert hashes == {built(table, options).hash}


def test_thinning_reaches_the_columns() -> None:
    values: NDArray[np.float64] = np.random.default_rng(0).normal(size=5000)
    column = built(pa.table({"x": values}), ProfileOptions("regression", max_edges=100)).features["x"]
    assert isinstance(column, NumericColumn)
    assert column.edges.size <= 100
    # 18 cuts take their room; of the rest a quarter is kept for wide gaps.
    assert column.counts[::2].max() < 5000 / (82 - 82 // 4 - 1)


def scored(**columns: Sequence[object]) -> pa.Table:
    """Three rows in which the class c is neither predicted nor true."""
    return pa.table({"x": [1, 2, 3], "prediction": ["a", "b", "b"], "label": ["a", "b", "a"], **columns})


A, B, C = [0.7, 0.2, 0.1], [0.2, 0.7, 0.8], [0.1, 0.1, 0.1]
RARE = ProfileOptions("multiclass", "prediction", None, "label", optional=frozenset({"scores"}), scores="scores")


def test_classes_that_only_their_probabilities_tell_of() -> None:
    rows = [dict(zip("abc", row, strict=True)) for row in zip(A, B, C, strict=True)]
    flat = {"score_a": A, "score_b": B, "score_c": C}
    for table in (scored(scores=rows), scored(scores=list(map(json.dumps, rows))), scored(**flat)):
        profile = built(table.flatten() if "scores" in table.column_names else table, RARE)
        assert profile.classes == ("a", "b", "c")
        assert list(profile.features) == ["x"]
        assert profile.baselines["", ""].figures["brier"] == pytest.approx((0.14 + 0.14 + 1.46) / 3)


def test_columns_that_do_not_add_up_to_one_are_no_probabilities() -> None:
    profile = built(scored(score_a=A, score_b=B, score_credit=[600, 700, 650]), RARE)
    assert profile.classes == ("a", "b")
    assert list(profile.features) == ["score_credit", "x"]


def test_paths_of_scores_for_columns_of_other_names() -> None:
    paths = {"a": "p.a", "b": "p.b", "c": "p.c"}
    options = ProfileOptions("multiclass", "prediction", None, "label", scores=paths, classes=("a", "b", "c"))
    with pytest.raises(ReferenceProblem, match=r"'p\.a'"):
        built(scored(score_a=A, score_b=B, score_c=C), options)
    optional = replace(options, optional=frozenset(paths.values()))
    assert "brier" in built(scored(score_a=A, score_b=B, score_c=C), optional).baselines["", ""].figures
    assert "brier" not in built(scored(), optional).baselines["", ""].figures


@pytest.mark.parametrize("join", ["_", "."])
@pytest.mark.parametrize("name", ["score", "scores", "prob", "proba", "probability", "probabilities"])
def test_probabilities_are_never_features(name: str, join: str) -> None:
    table = scored(**{f"{name}{join}a": A, f"{name}{join}b": B})
    assert list(built(table, RARE).features) == ["x"]


def test_a_regression_on_texts_is_questioned() -> None:
    _, warnings = build_profile(scored(), ProfileOptions("regression", "prediction", None, "label"))
    assert [text for text in warnings if "is the task a classification?" in text] == [
        "the prediction holds no numbers: is the task a classification?",
        "the label holds no numbers: is the task a classification?",
    ]
