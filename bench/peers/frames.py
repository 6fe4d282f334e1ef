"""The wide window and its reference as data frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd


def frames(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the reference and the window."""
    return _frame(folder / "wide-reference.npz"), _frame(folder / "wide-window.npz")


def _frame(path: Path) -> pd.DataFrame:
    with np.load(path) as columns:
        found = {name: columns[name] for name in columns.files}
    return pd.DataFrame({name: v if v.dtype == np.float64 else v.astype(object) for name, v in found.items()})


def numeric(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith("num_")]


def categorical(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith("cat_")]
