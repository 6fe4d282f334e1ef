"""What is odd about the first records of a log, one sentence a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from exporter.checks.log_hints import likelier_time_format, place_of_features
from exporter.counting.layout import Layout
from exporter.durations import format_timestamp, parse_timestamp
from exporter.rows.record import MISSING, Labels, Predictions

# No log is older; a time stamp read in the wrong unit often is.
_EARLIEST = parse_timestamp("1980-01-01T00:00:00Z")
# So many keys of a record are shown at most.
_MANY = 12


@dataclass(slots=True)
class Glance:
    """What the first lines of a log hold.

    ``time_format`` is how times are said to be written, ``unit`` what the records are called, and ``lines`` how many
    they are. ``refused`` and ``unusable`` count lines by reason and by field, ``examples`` gives the line number of the
    first of each; ``keys`` are the first record's, ``all_keys`` every record's, with those inside objects after a dot.
    """

    path: str
    time_format: str
    unit: str = "line"
    lines: int = 0
    rows: Predictions | Labels | None = None
    refused: Counter[str] = field(default_factory=Counter)
    unusable: Counter[str] = field(default_factory=Counter)
    examples: dict[str, int] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    all_keys: set[str] = field(default_factory=set)

    @property
    def span(self) -> str:
        return f"{self.lines} {self.unit}s"


def findings(glance: Glance, layout: Layout, now: int) -> Iterator[str]:
    """Yield what is odd; ``now`` is the wall clock in microseconds."""
    yield from _refusals(glance)
    yield from _unusable_values(glance)
    rows = glance.rows
    if rows is None:
        return
    yield from _times(glance, rows, layout, now)
    yield from _classes(rows, layout)
    if isinstance(rows, Predictions):
        yield from _absences(glance, rows, layout)
        yield from _unwatched(glance, layout)


def _refusals(glance: Glance) -> Iterator[str]:
    if not glance.refused or (glance.rows is not None and set(glance.refused) == {"of another model"}):
        return  # Several models may share a log.
    reason, _ = glance.refused.most_common(1)[0]
    share = "all" if glance.rows is None else f"{glance.refused.total()}"
    example = glance.examples[reason]
    text = f"{share} of the first {glance.span} are not used; most often: {reason}, as {glance.unit} {example}"
    if reason == "bad_timestamp":
        # The columns of Parquet have types, which say how times are written.
        because = (
            "times without a zone need time_zone" if glance.unit == "row" else f"time_format is {glance.time_format}"
        )
        text += f" ({because})"
    yield f"{text}; {_what_is_there(glance)}" if glance.rows is None else text


def _unusable_values(glance: Glance) -> Iterator[str]:
    for name, lines in sorted(glance.unusable.items()):
        example = glance.examples[f"unusable {name}"]
        yield f"{lines} of the first {glance.span} have no usable {name}, as {glance.unit} {example}"


def _times(glance: Glance, rows: Predictions | Labels, layout: Layout, now: int) -> Iterator[str]:
    first, last = int(rows.time.min()), int(rows.time.max())
    if last < _EARLIEST or first > now + layout.model.max_future_skew:
        span = f"{format_timestamp(first)} to {format_timestamp(last)}"
        latest = now + layout.model.max_future_skew
        likelier = likelier_time_format(glance.time_format, last, _EARLIEST, latest)
        hint = f"try time_format: {likelier}" if likelier else "is the time_format right?"
        yield f"the first {glance.span} are dated {span}; {hint}"


def _classes(rows: Predictions | Labels, layout: Layout) -> Iterator[str]:
    """Classes that nobody knows: the log may spell them in another way."""
    known = layout.classes.texts[: layout.classes.known]
    if layout.is_regression or not known:
        return
    what, values = ("predictions", rows.predicted) if isinstance(rows, Predictions) else ("labels", rows.value)
    codes = values[np.isfinite(values)].astype(np.int64)
    strange = codes[codes >= len(known)]
    # New classes are nothing odd in a multiclass log that also has old ones.
    if len(strange) and (layout.model.task == "binary" or len(strange) == len(codes)):
        name = layout.classes.text(int(strange[0]))
        share = "none" if len(strange) == len(codes) else f"not all ({len(strange)} are not)"
        yield f"{share} of the first {len(codes)} {what} are of the classes {', '.join(known[:_MANY])}: there is {name!r}"


def _absences(glance: Glance, rows: Predictions, layout: Layout) -> Iterator[str]:
    """Say what no line has though it is expected: figures that will never be there."""
    features = _absent_features(rows, layout)
    absent = [f"the feature {name!r}" for name in features]
    absent += [*_absent_outputs(rows, layout), *_absent_fields(glance, layout)]
    if absent:
        hint = place_of_features(features, glance.all_keys)
        more = f"; {hint}" if hint else ""
        yield f"none of the first {glance.span} has {', '.join(absent)}; {_what_is_there(glance)}{more}"


def _absent_features(rows: Predictions, layout: Layout) -> list[str]:
    numeric = _named([column.name for column in layout.numeric], np.isnan(rows.numeric))
    categorical = _named([column.name for column in layout.categorical], rows.categorical == MISSING)
    known = layout.profile.features if layout.profile else {}
    return [name for name in known if name in {*numeric, *categorical}]


def _absent_outputs(rows: Predictions, layout: Layout) -> Iterator[str]:
    if layout.prediction.column is not None and np.isnan(rows.predicted).all():
        yield "a prediction"
    if layout.score.column is not None and rows.scores.shape[1] and np.isnan(rows.scores).all():
        yield "a score"


def _absent_fields(glance: Glance, layout: Layout) -> Iterator[str]:
    """Fields that the configuration places somewhere, and those that cannot be done without."""
    fields = layout.model.fields
    expected = fields.model_fields_set & {"latency", "status", "version", "endpoint", "model"}
    if layout.model.labels is not None:
        expected |= {"request_id"}
    paths = {f"the {name}": getattr(fields, name) for name in sorted(expected)}
    paths |= {f"the segment {name!r}": path for name, path in layout.model.segments.items()}
    for what, path in paths.items():
        if path and ".".join(path) not in glance.all_keys:
            yield f"{what} ({'.'.join(path)})"


def _unwatched(glance: Glance, layout: Layout) -> Iterator[str]:
    """Features of the log that the reference lacks: drift in them goes unseen."""
    prefix = layout.model.fields.features
    if layout.profile is None or not prefix:
        return
    start = ".".join((*prefix, ""))
    watched = {".".join(column.path) for column in layout.features}
    watched |= {start + name for name in layout.model.ignore_features}
    inside = (key for key in glance.keys if key.startswith(start) and key not in watched)
    if unwatched := [repr(key.removeprefix(start)) for key in inside]:
        yield f"the reference has no {_some(unwatched)}: what only the log has is not watched"


def _named(names: Sequence[str], missing: NDArray[np.bool_]) -> list[str]:
    """Return the names of the columns (n, len(names)) that are missing from the first row to the last."""
    return [name for i, name in enumerate(names) if missing[:, i].all()]


def _what_is_there(glance: Glance) -> str:
    return f"the first one has {_some(glance.keys)}" if glance.keys else "the first one is no JSON object"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MANY])
    return f"{shown} and {len(names) - _MANY} more" if len(names) > _MANY else shown
