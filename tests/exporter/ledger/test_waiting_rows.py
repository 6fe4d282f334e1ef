from __future__ import annotations

import numpy as np
import pytest

from exporter.ledger.ledger import Ledger
from exporter.ledger.waiting_rows import WaitingRows
from exporter.rows.record import Predictions
from tests.exporter.decoders.models import NOW, Log


def rows_at(*times: int) -> Predictions:
    n = len(times)
    none, codes = np.empty((n, 0)), np.zeros(n, np.int32)
    return Predictions(
        np.array(times),
        np.zeros(n, np.uint64),
        np.zeros(n, bool),
        codes,
        codes,
        codes,
        np.zeros(n),
        np.zeros((n, 3)),
        np.empty((n, 0), np.int32),
        np.zeros(n),
        none,
        np.empty((n, 0), np.int32),
        none,
    )


def test_rows_come_out_once_and_in_order_with_the_latest_moment() -> None:
    waiting = WaitingRows()
    assert not waiting
    waiting.add(rows_at(5, 3), 20)
    waiting.add(rows_at(4), 10)
    assert (len(waiting), waiting.now) == (3, 20)
    assert waiting.rows.time.tolist() == [5, 3, 4]
    waiting.clear()
    assert len(waiting) == 0


def test_so_many_bytes_are_enough() -> None:
    waiting, some = WaitingRows(), rows_at(*range(1000))
    batches = 0
    while not waiting.are_enough:
        waiting.add(some, 0)
        batches += 1
    assert (batches - 1) * some.nbytes < 2_200_000 < (batches + 2) * some.nbytes
    waiting.clear()
    assert not waiting.are_enough


def test_what_cannot_be_counted_still_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    ledger = Ledger(log.layout)
    records = [{"request_id": str(i), "prediction": i % 2} for i in range(50)]
    ledger.add_predictions(log.records(*records).rows, NOW)
    with monkeypatch.context() as patch:
        patch.setattr("exporter.counting.contributions.of_predictions", refuse)
        with pytest.raises(MemoryError):
            _ = ledger.panes
    (totals,) = ledger.totals.values()
    assert totals.counts[log.layout.traffic.start] == len(records)
    # And once only.
    assert ledger.totals[0].counts[log.layout.traffic.start] == len(records)


def refuse(*_: object) -> None:
    raise MemoryError
