"""What came true in the reference, given what the model said: what concept drift is measured against."""

from __future__ import annotations

import numpy as np

from exporter.reference.baselines import ClassificationRows, RegressionRows
from exporter.reference.profile import ConceptBins, ConceptTable, Counts, Floats

# Residuals of a regression are told apart by the reference's own quantiles at these shares: low, usual, high.
RESIDUAL_SHARES = (1 / 3, 2 / 3)
_NO_CUTS: Floats = np.empty(0)


def concept_table(rows: ClassificationRows | RegressionRows | None, cuts: Floats) -> ConceptTable | None:
    """Return the table of labelled rows; None without any.

    ``cuts`` are those of the score (binary) or of the prediction (regression). Rows are told apart by score where a binary
    model has one, else by predicted class.
    """
    if rows is None or not rows.truth.size:
        return None
    if isinstance(rows, RegressionRows):
        return _of_residuals(rows, cuts)
    scores = rows.probabilities[:, 0]
    if rows.positive is not None and np.isfinite(scores).any():
        there = np.isfinite(scores)
        outcomes = (rows.truth[there] == rows.positive).astype(np.int64)
        return _counted("score", cuts, np.empty((cuts.size + 1, 0)), bin_of(cuts, scores[there]), outcomes, 2)
    size = rows.number_of_classes
    return _counted("class", _NO_CUTS, np.empty((size, 0)), rows.predicted, rows.truth, size)


def bin_of(cuts: Floats, values: Floats) -> Counts:
    """Return the bin (n,) of each value: intervals (a, b] between increasing ``cuts``, the outer ones open."""
    return np.searchsorted(cuts, values, side="left").astype(np.int64)


def residual_outcome(limits: Floats, bins: Counts, residuals: Floats) -> Counts:
    """Return the outcome (n,) of residuals in their ``bins``, given each bin's ``limits`` (b, k): 0 to k."""
    above: Counts = (residuals[:, np.newaxis] > limits[bins]).sum(axis=1).astype(np.int64)
    return above


def _of_residuals(rows: RegressionRows, cuts: Floats) -> ConceptTable | None:
    with np.errstate(over="ignore"):
        residuals = rows.truth - rows.predicted
    there = np.isfinite(residuals)
    if not there.any():
        return None
    residuals, bins = residuals[there], bin_of(cuts, rows.predicted[there])
    whole = np.quantile(residuals, RESIDUAL_SHARES)
    own = [residuals[bins == bin_] for bin_ in range(cuts.size + 1)]
    limits = np.array([np.quantile(values, RESIDUAL_SHARES) if values.size else whole for values in own])
    outcomes = residual_outcome(limits, bins, residuals)
    return _counted("residual", cuts, limits, bins, outcomes, len(RESIDUAL_SHARES) + 1)


def _counted(by: ConceptBins, cuts: Floats, limits: Floats, bins: Counts, outcomes: Counts, width: int) -> ConceptTable:
    counts = np.bincount(bins * width + outcomes, minlength=len(limits) * width).reshape(-1, width)
    return ConceptTable(by, cuts, limits, counts.astype(np.int64))
