"""A reference captured from production: the profile of what a model's own log holds in a span of event time.

The records are read through the model's sources and judged as the exporter judges them; what is taken becomes a
table, and the profile is that of any table with these rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from exporter.capture.log_labels import LogLabels
from exporter.capture.log_selection import Selection, Span
from exporter.capture.profiles import options_of_log
from exporter.configuration.logs import LabelLog, PredictionLog
from exporter.configuration.schema import Model
from exporter.counting.classes import stated_classes
from exporter.durations import format_timestamp
from exporter.intake.formats import source_of
from exporter.reference.build import build_profile
from exporter.reference.json_lines import Record
from exporter.reference.log_tables import Format, column, format_of
from exporter.reference.options import ProfileOptions
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile
from exporter.sources import Cursor, Source, SourceError

if TYPE_CHECKING:
    import pyarrow as pa

# Up to this share of the span the log may begin later or end earlier before it is worth a warning.
_SLACK = 0.01
_BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Capture:
    """A profile of the log's rows in [start, end) (microseconds), and what else was found.

    ``versions`` counts the rows by version, ``rejected`` the records that could not be used by reason; ``labelled``
    rows had a label (None: the model has no labels). ``warnings`` are sentences.
    """

    profile: Profile
    start: int
    end: int
    versions: Counter[str]
    rejected: Counter[str]
    labelled: int | None
    warnings: tuple[str, ...]


class LogReader:
    """Reads the logs of a model for a span; see ``Selection`` for the arguments."""

    def __init__(self, model: Model, span: Span, version: str | None, now: int) -> None:
        self._model = model
        self._span = span
        self._version = version
        self._latest = now + model.max_future_skew
        self._selection = Selection(model, span, version, now)
        self._label_records = 0

    @property
    def read(self) -> int:
        """How many records have been read."""
        return self._selection.read + self._label_records

    def capture(self) -> Capture:
        """Read the logs to their end and build the profile. Raises ``ReferenceProblem``."""
        log, selection, options = self._model.predictions, self._selection, options_of_log(self._model)
        table = _format_of(log).table(self._payloads(log), selection, options.text_columns())
        inside = selection.inside
        if not inside.any():
            raise ReferenceProblem(self._nothing_found())
        values = self._labels(self._model.labels) if self._model.labels else None
        table = _with_labels(table, options, values, self._model.labels)
        profile, warnings = build_profile(table.filter(inside), _features_of(options, table, self._model))
        kept = inside.tolist()
        return Capture(
            profile,
            *selection.bounds,
            versions=Counter(version for version, is_kept in zip(selection.versions, kept, strict=True) if is_kept),
            rejected=selection.rejected,
            labelled=None if values is None else _known(values, kept),
            warnings=(*self._doubts(), *warnings),
        )

    def _payloads(self, log: PredictionLog | LabelLog) -> Iterator[Any]:
        """Read a log to its end; what the source had to skip is counted. Raises ``ReferenceProblem``."""
        source = _opened(self._model, log)
        cursor: Cursor = {}
        try:
            while (batch := source.poll(cursor)) is not None:
                cursor = batch.cursor
                self._selection.rejected.update(batch.rejected)
                yield batch.payload
        except SourceError as error:
            raise ReferenceProblem(f"the log cannot be read: {error}") from error
        finally:
            source.close()

    def _labels(self, log: LabelLog) -> list[Any]:
        """Return the label of each row taken, None where none is known."""
        is_regression = self._model.task == "regression"
        classes = stated_classes(self._model) or ()
        labels = LogLabels(log, self._selection, classes, is_regression=is_regression, latest=self._latest)
        form = _format_of(log)
        for payload in self._payloads(log):
            labels.take(self._counted(form.records(payload, self._selection.reject)))
        return labels.values

    def _counted(self, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            self._label_records += 1
            yield record

    def _nothing_found(self) -> str:
        selection = self._selection
        who = f"model {self._model.name}" + (f", version {self._version}" if self._version is not None else "")
        if selection.first is None or selection.oldest is None or selection.newest is None:
            why = f"; most often: {_most_often(selection.rejected)}" if selection.rejected else ""
            return f"no usable record of {who} among {selection.read}{why}; run check-config"
        start, end = map(format_timestamp, selection.bounds)
        there = f"{format_timestamp(selection.oldest)} to {format_timestamp(selection.newest)}"
        return f"no successful request of {who} from {start} until {end}; the log holds {there}"

    def _doubts(self) -> Iterator[str]:
        selection = self._selection
        assert selection.oldest is not None and selection.newest is not None  # noqa: PT018 - there are rows
        start, end = selection.bounds
        slack = round((end - start) * _SLACK)
        if self._span.start is not None and selection.oldest > start + slack:
            yield f"the log begins at {format_timestamp(selection.oldest)}, after the span's start"
        if selection.newest < end - slack:
            yield f"the log ends at {format_timestamp(selection.newest)}, before the span does"


def _opened(model: Model, log: PredictionLog | LabelLog) -> Source[Any]:
    name = f"{model.name} {'predictions' if isinstance(log, PredictionLog) else 'labels'}"
    # Which columns are features is what is to be found out.
    return source_of(log, name, model.limits.line_bytes, None, finish=True, batch_bytes=_BATCH_BYTES)


def _format_of(log: PredictionLog | LabelLog) -> Format:
    return format_of(log.format, log.csv.delimiter)


def _with_labels(
    table: pa.Table, options: ProfileOptions, values: Sequence[Any] | None, log: LabelLog | None
) -> pa.Table:
    """Put the joined labels in the place of what the prediction log itself may have under that name."""
    if values is None or log is None or options.label is None:
        return table
    if options.label in table.column_names:
        table = table.drop_columns([options.label])
    if all(value is None for value in values):
        return table
    field, labels = column(list(values), options.label, log.format)
    return table.append_column(field, labels)


def _features_of(options: ProfileOptions, table: pa.Table, model: Model) -> ProfileOptions:
    """Say which columns are features where a training table would have them anywhere, and a log has not."""
    path = model.fields.features
    if path == ():
        return replace(options, features_prefix="")
    if path and any(name.startswith(options.features_prefix) for name in table.column_names):
        return options
    return replace(
        options, features=tuple(name for name, place in options.columns.items() if place in table.column_names)
    )


def _known(values: Sequence[Any], kept: Sequence[bool]) -> int:
    return sum(is_kept and value is not None for value, is_kept in zip(values, kept, strict=True))


def _most_often(rejected: Counter[str]) -> str:
    return rejected.most_common(1)[0][0]
