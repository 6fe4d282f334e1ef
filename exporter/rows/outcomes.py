"""What the label join found out about some predictions."""

from __future__ import annotations

from typing import NamedTuple

from exporter.rows.kept_rows import KeptPredictions
from exporter.rows.record import Codes, Flags, Floats, Ints


class Settled(NamedTuple):
    """Predictions (n,) that settle, with the label ``value`` (n,) of each.

    ``moment`` (n,) is when each does: at its settle time, or when its first label came if that was later.
    """

    rows: KeptPredictions
    value: Floats
    moment: Ints


class Outcomes(NamedTuple):
    """What a batch of pairs means.

    ``outcome`` and ``delay`` (microseconds, -1 for none) are by pair of a new line and a prediction, of ``version``.
    ``gained`` predictions get the label ``gained_value``; ``lost`` ones give up ``lost_value``. ``first`` says which
    gains are a prediction's first label. ``settled`` is what comes too late for its tick.
    """

    version: Codes
    outcome: Codes
    delay: Ints
    gained: KeptPredictions
    gained_value: Floats
    first: Flags
    lost: KeptPredictions
    lost_value: Floats
    settled: Settled
