"""Request ids as texts, for exemplars: the only place where they are more than a hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from exporter.decoders.leaf import INVALID_VALUE
from exporter.rows.category import text_of
from exporter.rows.record import IdentifiedPredictions, Predictions

# OpenMetrics allows an exemplar 128 characters, the label's name among them.
LONGEST_ID = 128 - len("request_id")


def identified(rows: Predictions, values: Sequence[Any]) -> IdentifiedPredictions:
    """Return rows (n,) with the ids that their records hold (n,)."""
    ids = np.array([_shown(value) for value in values], np.object_)
    return IdentifiedPredictions(**{column.name: getattr(rows, column.name) for column in fields(rows)}, ids=ids)


def _shown(value: Any) -> str:
    text = "" if value is None or value is INVALID_VALUE else text_of(value)
    # An id that is copied into a search has no line breaks; and there are readers of OpenMetrics that lose count of
    # escaped quotation marks in an exemplar, and the whole page with it.
    return text if len(text) <= LONGEST_ID and text.isprintable() and '"' not in text else ""
