"""Models small enough to reckon with by hand, and windows in which the counts are whatever a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.configuration.schema import Model
from exporter.counting.layout import QUALITY_SUMS, CategoricalField, Field, Layout, NumericField
from exporter.counting.score_bins import BITS, ScoreTable, bin_of
from exporter.counting.tally import NO_COUNTS, Tally, count
from exporter.ledger.window_view import WindowView
from exporter.snapshot import Histogram, Sample, snapshot_of

# Ten rows each: x is 1 to 10, colour is red seven times.
_X = ["x", *map(str, range(1, 11))]
_COLOUR = ["colour", *["red"] * 7, *["blue"] * 3]
REFERENCES = {
    "binary": [
        _X,
        _COLOUR,
        ["score", *["0.9"] * 5, *["0.1"] * 5],
        ["prediction", *"1111100000"],
        ["label", *"1111000001"],
    ],
    "multiclass": [_X, _COLOUR, ["prediction", *"aabbbccccc"], ["label", *"aaabbccccc"]],
    "regression": [
        _X,
        _COLOUR,
        ["prediction", *map(str, range(10, 20))],
        ["label", *map(str, range(11, 21))],
    ],
}


def model_of(folder: Path, task: str, said: str = "", *, reference: bool = True, labels: bool = True) -> Model:
    """Return the configuration of a model; ``said`` are further lines of it."""
    columns = REFERENCES[task]
    rows = [",".join(cells) for cells in zip(*columns, strict=True)]
    (folder / "reference.csv").write_text("\n".join(rows) + "\n")
    lines = [f"    task: {task}", "    predictions: none.jsonl"]
    lines += ["    reference: reference.csv"] if reference else []
    lines += ["    labels: no-labels.jsonl"] if labels else []
    lines += [f"    {line}" for line in said.splitlines()]
    (folder / "driftbell.yml").write_text("models:\n  small:\n" + "\n".join(lines) + "\n")
    return load(folder / "driftbell.yml").configuration.models["small"]


def layout_of(folder: Path, task: str, said: str = "", *, reference: bool = True, labels: bool = True) -> Layout:
    model = model_of(folder, task, said, reference=reference, labels=labels)
    return Layout(model, profile_of(model, None))


def view_of(
    layout: Layout,
    *,
    complete: bool = True,
    traffic: Mapping[int, int] | None = None,
    cells: Tally = NO_COUNTS,
    scores: ScoreTable | None = None,
) -> WindowView:
    """Return an empty window but for some traffic counts, cells and scores; ``counts`` can be written to."""
    counts = np.zeros(layout.size, np.int64)
    for position, value in (traffic or {}).items():
        counts[layout.traffic.start + position] = value
    return WindowView(
        layout=layout,
        version="v1",
        window="1h",
        complete=complete,
        counts=counts,
        sums=np.zeros(layout.sums_size),
        cells=cells,
        quality=np.zeros((layout.groups, QUALITY_SUMS)),
        scores=scores or ScoreTable(NO_COUNTS),
    )


def put_numbers(view: WindowView, field: Field, values: Iterable[float]) -> None:
    """Count some values of a numeric field, as the program would."""
    assert isinstance(field, NumericField)
    numbers = np.array(list(values), dtype=np.float64)
    slots = field.index.slots(numbers)
    np.add.at(view.counts, field.span.start + slots, 1)
    between = slots % 2 == 0
    np.add.at(view.sums, field.sums.start + slots[between] // 2, numbers[between])


def put_texts(view: WindowView, field: Field, values: Iterable[str]) -> None:
    assert isinstance(field, CategoricalField)
    for value in values:
        view.counts[field.span.start + field.dictionary.code(value)] += 1


def cells_of(layout: Layout, pairs: Iterable[tuple[str, str]], group: int = 0) -> Tally:
    """Return confusion cells of pairs of a predicted and a true class."""
    size = layout.classes.capacity
    code = layout.classes.code
    keys = [group * size * size + code(true) * size + code(predicted) for predicted, true in pairs]
    return count(np.array(keys, np.int64))


def score_table(rows: Iterable[tuple[int, bool, float]]) -> ScoreTable:
    """Return the table of rows of a score group, whether the row is of the class, and its score."""
    keys = [((2 * group + own) << BITS) | int(bin_of(np.array([score]))[0]) for group, own, score in rows]
    return ScoreTable(count(np.array(keys, np.int64)))


def figures_of(samples: Iterable[Sample]) -> dict[tuple[str, ...], float | Histogram]:
    """Index samples by metric and all labels after the model's."""
    return {(sample.metric.name, *sample.labels[2:]): sample.value for sample in samples}


def check_catalogue(samples: Callable[[], Iterable[Sample]]) -> None:
    """Every sample has the labels that the catalogue lists, in their number, and none is there twice."""
    found = list(samples())
    assert found
    for sample in found:
        assert len(sample.labels) == len(sample.metric.labels), sample
        assert sample.labels[0] == "small"
        assert isinstance(sample.value, Histogram) or np.isfinite(sample.value)
    assert len({(sample.metric.name, sample.labels) for sample in found}) == len(found)
    assert snapshot_of(found).series >= len(found)
