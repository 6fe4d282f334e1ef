from __future__ import annotations

from exporter.sources import EVENTS
from rules.groups.logs import HARMLESS
from tests.exporter.sources.log_world import LOSSES


def test_what_may_have_cost_records_is_told_from_what_has_not() -> None:
    assert set(HARMLESS) < EVENTS.keys()
    assert LOSSES.isdisjoint(HARMLESS)
