"""alibi-detect: tabular drift with KS for numbers and chi-square for categories, made for the reference once.

Categories are whole numbers beforehand, as it wants them, which is in its favour.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def prepare(folder: Path) -> Callable[[], None]:
    warnings.simplefilter("ignore")
    from alibi_detect.cd import TabularDrift

    with np.load(folder / "wide-reference.npz") as reference, np.load(folder / "wide-window.npz") as window:
        names = reference.files
        texts = {name: np.unique(reference[name]) for name in names if reference[name].dtype != np.float64}
        known, rows = (
            np.column_stack([_numbers(each[name], texts.get(name)) for name in names]) for each in (reference, window)
        )
    categories = {names.index(name): len(found) for name, found in texts.items()}
    detector = TabularDrift(known, p_val=0.05, categories_per_feature=categories)

    def work() -> None:
        detector.predict(rows)

    return work


def _numbers(values: NDArray[Any], texts: NDArray[Any] | None) -> NDArray[Any]:
    return values if texts is None else np.searchsorted(texts, values).astype(np.float64)
