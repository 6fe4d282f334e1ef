"""The labels that some predictions have at the moment."""

from __future__ import annotations

import numpy as np

from exporter.counting.contributions import Labelled
from exporter.label_join.join import LabelJoin
from exporter.label_join.label_pairs import Pairs
from exporter.rows.record import Predictions


def current_labels(join: LabelJoin, rows: Predictions) -> Labelled:
    """Return those of some predictions that can be compared with a label and have one, with the one that counts.

    Predictions older than the horizon, as the join's clock has it, or given up for want of memory have none any more.
    """
    keyed = np.flatnonzero(rows.has_key)
    query, kept = join.predictions.find(rows.key[keyed])
    row = keyed[query]
    same = (kept.version == rows.version[row]) & (kept.time == rows.time[row])
    # Some older ones are still there; how many depends on how the log was cut into batches.
    kept = kept.take(same & kept.scored & (kept.time >= join.expired_to))
    which, lines = join.labels.find(kept.key)
    near = np.flatnonzero(np.abs(lines.time - kept.time[which]) <= join.horizon)
    pairs = Pairs(which[near], lines.time[near], lines.value[near], np.ones(len(near), dtype=bool))
    counting = pairs.winners()
    value = pairs.value[counting]
    return Labelled(kept.take(pairs.prediction[counting]), value, np.ones(len(value), dtype=bool))
