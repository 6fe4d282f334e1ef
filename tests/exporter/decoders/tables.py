"""One table in three formats, and what comes out of each: rows in a form that can be compared, and refusals."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from exporter.counting.layout import Layout
from exporter.decoders import DECODERS
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.reference.profile import Profile
from exporter.rows.record import Decoded, Labels, Predictions
from exporter.sources.framing import CsvRecords
from tests.exporter.decoders.models import NOW, SEED, model_of

Records = Sequence[Mapping[str, Any]]
Spell = Callable[[Any], str]


def plainly(value: Any) -> str:
    """Spell a value as data frames do."""
    return "" if value is None else str(value)


def jsonl(records: Records) -> list[bytes]:
    return [json.dumps(record).encode() for record in records]


def csv_records(records: Records, spell: Spell = plainly, names: Sequence[str] | None = None) -> CsvRecords:
    flat = [flattened(record) for record in records]
    columns = tuple(names if names is not None else dict.fromkeys(name for record in flat for name in record))
    return CsvRecords(columns, [csv_line([spell(record.get(name)) for name in columns]) for record in flat])


def csv_line(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().removesuffix("\r\n").encode()


def flattened(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        flat |= (
            {f"{name}.{key}": inner for key, inner in flattened(value).items()}
            if isinstance(value, dict)
            else {name: json.dumps(value) if isinstance(value, list) else value}
        )
    return flat


class Reading:
    """A model of its own for one reading of a table."""

    def __init__(self, profile: Profile | None, settings: Mapping[str, Any]) -> None:
        self.layout = Layout(model_of(**settings), profile)

    def predictions(self, kind: str, payload: Any) -> Decoded[Predictions]:
        return DECODERS[kind](PredictionGatherer(self.layout, SEED)).decode(payload, NOW)

    def labels(self, kind: str, payload: Any) -> Decoded[Labels]:
        log = self.layout.model.labels
        assert log is not None
        return DECODERS[kind](LabelGatherer(self.layout, log, SEED)).decode(payload, NOW)

    def facts(self, decoded: Decoded[Predictions]) -> dict[str, Any]:
        """Return everything that is in the rows, by texts: codes are given in another order by each format."""
        rows, layout = decoded.rows, self.layout
        (segments,) = layout.segments.values()
        return {
            "read": decoded.read,
            "refusals": {
                "rejected": +decoded.refusals.rejected,
                "invalid": +decoded.refusals.invalid,
                "ignored": decoded.refusals.ignored,
            },
            "time": rows.time.tolist(),
            "key": rows.key.tolist(),
            "has_key": rows.has_key.tolist(),
            "version": [layout.versions.text(code) for code in rows.version.tolist()],
            "endpoint": [layout.endpoints.text(code) for code in rows.endpoint.tolist()],
            "status": rows.status.tolist(),
            "latency": numbers(rows.latency),
            "numeric": numbers(rows.numeric),
            "categorical": [
                [field.dictionary.text(code) if code >= 0 else code for code in codes]
                for field, codes in zip(layout.categorical, rows.categorical.T.tolist(), strict=True)
            ],
            "predicted": [self.class_of(value) for value in rows.predicted.tolist()],
            "scores": numbers(rows.scores),
            "groups": [segments.text(group - 1) if group >= 0 else group for group in rows.groups[:, 0].tolist()],
        }

    def label_facts(self, decoded: Decoded[Labels]) -> dict[str, Any]:
        rows = decoded.rows
        values = [self.class_of(value) for value in rows.value.tolist()]
        rejected = +decoded.refusals.rejected
        return {
            "read": decoded.read,
            "rejected": rejected,
            "time": rows.time.tolist(),
            "key": rows.key.tolist(),
            "value": values,
        }

    def class_of(self, value: float) -> Any:
        if not np.isfinite(value) or self.layout.is_regression:
            return repr(value)
        return self.layout.classes.text(int(value))


def numbers(values: np.ndarray[Any, Any]) -> Any:
    """Return numbers in a form in which NaN equals itself."""
    assert not np.isneginf(values).any()
    return [repr(value) for value in values.ravel().tolist()]


def batch(records: Records, types: Mapping[str, pa.DataType]) -> pa.RecordBatch:
    """Return an Arrow record batch; ``types`` says what the columns hold."""
    arrays = [pa.array([record.get(name) for record in records], kind) for name, kind in types.items()]
    return pa.RecordBatch.from_arrays(arrays, names=list(types))
