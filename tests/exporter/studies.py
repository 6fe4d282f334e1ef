"""The studies of ``tests.exporter.stranger``: one for each way of logging."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.exporter.stranger import Maker, Study


def wine() -> Study:
    """Three classes by name, probabilities as an object; names with blanks, hyphens, dots and a slash."""
    data = datasets.load_wine()
    columns = _columns(data.data, data.feature_names)
    columns["alcalinity.of.ash"] = columns.pop("alcalinity_of_ash")
    columns["od280/od315_of_diluted-wines"] = columns.pop("od280/od315_of_diluted_wines")
    columns["colour intensity"] = columns.pop("color_intensity")
    columns["is strong"] = [bool(value > 13) for value in data.data[:, 0]]
    columns["hue class"] = [int(value * 4) for value in data.data[:, 10]]
    names = ["barolo", "grignolino", "barbera"]
    return Study(
        "team:wine quality",
        "multiclass",
        columns,
        data.data,
        [names[code] for code in data.target],
        [_logistic(), GaussianNB()],
        classes=sorted(names),
        shape="object",
        seed=1,
    )


def cancer() -> Study:
    """Two classes by name, of which neither is obviously the positive one."""
    data = datasets.load_breast_cancer()
    return Study(
        "breast-cancer",
        "binary",
        _columns(data.data[:, :8], data.feature_names[:8]),
        data.data,
        [("malignant", "benign")[code] for code in data.target],
        [_logistic(), GaussianNB()],
        classes=["benign", "malignant"],
        positive="malignant",
        shape="score",
        seed=2,
        extra={"endpoint": "/v1/predict"},
    )


def digits() -> Study:
    """Ten classes by number, probabilities as a list; features that are always 0, and small whole numbers."""
    data = datasets.load_digits()
    columns = _columns(data.data[:, 18:24], data.feature_names[18:24])
    columns["pixel_0_0"] = data.data[:, 0].tolist()
    columns["rows with ink"] = [int(value) for value in (data.images.max(axis=2) > 8).sum(axis=1)]
    return Study(
        "digits",
        "multiclass",
        columns,
        data.data,
        data.target.tolist(),
        [GaussianNB(var_smoothing=0.1), GaussianNB(var_smoothing=1)],
        classes=list(range(10)),
        shape="list",
        seed=3,
    )


def iris() -> Study:
    """A path for each class's probability."""
    data = datasets.load_iris()
    return Study(
        "iris",
        "multiclass",
        _columns(data.data, data.feature_names),
        data.data,
        [str(data.target_names[code]) for code in data.target],
        [_logistic(), GaussianNB()],
        classes=["setosa", "versicolor", "virginica"],
        shape="mapping",
        seed=4,
    )


def diabetes() -> Study:
    """A regression whose feature of two values is a number."""
    data = datasets.load_diabetes(scaled=False)
    return Study(
        "diabetes/progression",
        "regression",
        _columns(data.data, data.feature_names),
        data.data,
        data.target.tolist(),
        [make_pipeline(StandardScaler(), Ridge()), make_pipeline(StandardScaler(), KNeighborsRegressor())],
        seed=5,
    )


STUDIES: dict[str, Maker] = {study.__name__: study for study in (wine, cancer, digits, iris, diabetes)}


def _columns(values: np.ndarray, names: Any) -> dict[str, list[Any]]:
    return {str(name): values[:, i].tolist() for i, name in enumerate(names)}


def _logistic() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
