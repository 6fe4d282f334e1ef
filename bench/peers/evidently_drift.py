"""Evidently: the drift preset with its defaults."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from bench.peers.frames import categorical, frames, numeric


def prepare(folder: Path) -> Callable[[], None]:
    warnings.simplefilter("ignore")
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    reference, window = frames(folder)
    definition = DataDefinition(numerical_columns=numeric(reference), categorical_columns=categorical(reference))
    known = Dataset.from_pandas(reference, data_definition=definition)

    def work() -> None:
        Report([DataDriftPreset()]).run(Dataset.from_pandas(window, data_definition=definition), known)

    return work
