"""Values that are missing, unusable, out of the reference's range, or of a category that it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from exporter import catalogue
from exporter.counting import layout as positions
from exporter.counting.layout import Field, NumericField
from exporter.ledger.window_view import WindowView
from exporter.significance.proportion import Hits, critical_share
from exporter.snapshot import Sample
from exporter.statistics.slots import above_range, below_range

_CHECKS_OF_A_FEATURE = 3
# Checks that nothing failed in the reference are alike in many features.
_critical_share = lru_cache(maxsize=256)(critical_share)


class Check(NamedTuple):
    """How many of the ``rows`` failed a check, and how many did in the reference, None where it cannot say."""

    name: str
    failed: int
    rows: int
    reference: Hits | None


def window_figures(view: WindowView) -> Iterator[Sample]:
    rows = view.count(positions.SUCCESSFUL)
    level = _level(view)
    for field in view.layout.features:
        yield Sample(catalogue.DATA_QUALITY_ROWS, (*view.labels, field.name, view.window), rows)
        for check in _checks(view, field, rows):
            if not check.rows:
                continue
            labels = (*view.labels, check.name, field.name)
            yield Sample(catalogue.DATA_QUALITY_RATIO, (*labels, view.window), check.failed / check.rows)
            if level is None or check.reference is None:
                continue
            for severity, value in _thresholds(view, check, check.reference, level):
                yield Sample(catalogue.DATA_QUALITY_THRESHOLD, (*labels, severity, view.window), value)


def _checks(view: WindowView, field: Field, rows: int) -> Iterator[Check]:
    counts = view.slots(field.span, field.slots)
    there, column = int(counts.sum()), field.column
    missing = None if column is None else Hits(column.missing, column.rows)
    yield Check("missing", int(view.counts[field.missing]), rows, missing)
    if isinstance(field, NumericField):
        invalid = None if field.column is None else Hits(field.column.invalid, field.column.rows)
        yield Check("invalid", int(view.counts[field.invalid]), rows, invalid)
        # A column without a single finite value in the reference has no range.
        if field.column is not None and len(counts) > 1:
            outside = below_range(counts) + above_range(counts)
            yield Check("out_of_range", outside, there, out_of_range_hits(int(field.column.counts.sum())))
        return
    yield Check("invalid", int(view.counts[field.invalid]), rows, None if column is None else Hits(0, column.rows))
    if field.column is not None:
        unseen = int(counts[field.dictionary.known :].sum())
        yield Check("unseen_category", unseen, there, unseen_hits(field.column.counts))


def out_of_range_hits(rows: int) -> Hits:
    """Return what the reference says about values beyond its own range.

    The share of the distribution outside the range of m rows has the beta distribution of what is left over by one hit
    among them: S. S. Wilks, "Determination of sample sizes for setting tolerance limits", Annals of Mathematical
    Statistics 12 (1941).
    """
    return Hits(min(1, rows), rows)


def unseen_hits(counts: np.ndarray) -> Hits:
    """Return what the reference says about categories that it does not have.

    The share of unseen ones is that of the categories with a single row, n1 of m, and its variance (n1 + 2 n2) / m²: I. J.
    Good, "The population frequencies of species and the estimation of population parameters", Biometrika 40 (1953). As
    many hits of as many rows as have that share and that variance.
    """
    rows, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    # One more of each, so that a reference without a category of one row is not taken for complete.
    share, worth = (once + 1) / (rows + 1), (once + 1) / (once + 2 * twice + 1)
    worth_rows = max(round(rows * worth), min(rows, 1))
    return Hits(min(round(share * worth_rows), worth_rows), worth_rows)


def _level(view: WindowView) -> float | None:
    """Return the risk of a false warning of each check, None for windows that are not judged or not whole."""
    if view.judged is None or view.layout.model.reference is None or not view.complete:
        return None
    return view.risk(_CHECKS_OF_A_FEATURE * len(view.layout.features))


def _thresholds(view: WindowView, check: Check, reference: Hits, level: float) -> Iterator[tuple[str, float]]:
    limits = view.layout.model.data_quality.limits_of(check.name)
    if not limits:
        return
    # Rounded to nothing there would be no rows to compare.
    rows = max(int(check.rows / view.design_effect("data")), 1)
    chance = _critical_share(reference.hits, reference.rows, rows, level)
    usual = reference.hits / reference.rows if reference.rows else 0.0
    for severity, allowance in limits.items():
        yield severity, min(max(usual + allowance, chance), 1.0)
