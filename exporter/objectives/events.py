"""What objectives count: events, how many of them were good, and the moment at which each counts.

An event counts in a window, and against a period's budget, by its moment: a request at its time, a label's
correctness when it settles, a label's freshness when its time is over, a minute of traffic at its beginning. Moments
follow from the logs alone, so figures do not depend on when they were read, and each event burns one budget once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exporter.configuration.objectives import Quality
from exporter.counting.contributions import inclusive
from exporter.counting.layout import Layout, Objective
from exporter.rows.outcomes import Settled
from exporter.rows.record import Codes, Flags, Floats, Ints, Predictions

# Flags count as 1.
Numbers = NDArray[np.float64] | NDArray[np.bool_]
# What decimals lose in binary must not turn an error that equals the limit into a greater one.
_ROUNDING = 1e-12


class Column(NamedTuple):
    """How many events there are for each row (n,), and how many of them are good."""

    events: Numbers
    good: Numbers


class Events(NamedTuple):
    """Rows (n,) of a ``version`` at a ``moment``, and what they are to each objective, by its place in the layout."""

    version: Codes
    moment: Ints
    columns: Mapping[int, Column]


def of_requests(layout: Layout, rows: Predictions) -> Events:
    """Return the events that prediction rows are."""
    columns = {}
    for place, objective in enumerate(layout.objectives):
        column = _of_request(objective, rows)
        if column is not None:
            columns[place] = column
    return Events(rows.version, rows.time, columns)


def of_settled(layout: Layout, settled: Settled) -> Events:
    """Return the events that settled predictions are, of the objectives on quality."""
    columns = {}
    for place, objective in enumerate(layout.objectives):
        if objective.slo.quality is not None:
            good = _is_right(objective.slo.quality, settled.rows.predicted, settled.value)
            columns[place] = Column(np.ones(len(good), dtype=bool), good)
    return Events(settled.rows.version, settled.moment, columns)


def _of_request(objective: Objective, rows: Predictions) -> Column | None:
    slo, server_error = objective.slo, rows.status >= 500
    if objective.limit is not None:
        # A server error without a latency was no fast answer; any other request without one says nothing.
        judged = ~np.isnan(rows.latency) | server_error
        return Column(judged, ~server_error & (rows.latency <= inclusive(objective.limit)))
    if slo.ratio is not None:
        return Column(rows.amounts[:, 2 * objective.column + 1], rows.amounts[:, 2 * objective.column])
    if slo.availability or slo.errors == "server":
        return _unless(server_error)
    if slo.errors is not None:
        failed = rows.status >= 400
        return _unless(failed if slo.errors == "any" else failed & ~server_error)
    return None


def _unless(bad: Flags) -> Column:
    return Column(np.ones(len(bad), dtype=bool), ~bad)


def _is_right(quality: Quality, predicted: Floats, label: Floats) -> Flags:
    """Say which predictions (n,) were right; ``exporter.configuration.objectives`` says what that is."""
    if not quality.has_limit:
        same: Flags = predicted == label
        return same
    limit = quality.error if quality.error is not None else (quality.relative_error or 0.0) * np.abs(label)
    right: Flags = np.abs(predicted - label) <= limit + _ROUNDING * np.maximum(np.abs(predicted), np.abs(label))
    return right
