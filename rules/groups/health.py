"""How each model is, in one figure: what the worst of its firing alerts says."""

from __future__ import annotations

from exporter import catalogue
from exporter.catalogue import SEVERITIES
from rules.promql import MODEL, combined, select
from rules.rule import Group, Record
from rules.settings import Settings

HEALTH = "model:ml_health:level"
"""0: nothing fires; from 1 on the worst alert's severity; -1: the model was there within a day, and nothing is known of it."""
UNKNOWN, FINE = -1, 0
LEVELS = {severity: level for level, severity in enumerate(SEVERITIES, FINE + 1)}
_REMEMBERED = "1d"


def group(settings: Settings) -> Group:
    info = select(settings, catalogue.MODEL_INFO)
    firing = f'alertstate="firing",job="{settings.job}",model_name!=""'
    worst = [f'{level} * ALERTS{{{firing},severity="{severity}"}}' for severity, level in LEVELS.items()]
    there = f"{FINE} * {combined('group', (), info)}"
    gone = f"{UNKNOWN} * {combined('group', (), f'last_over_time({info}[{_REMEMBERED}])')}"
    known = f"{combined('max', (), ' or '.join([*worst, there]))}"
    return Group("driftbell-health", (Record(HEALTH, f"{known} or on ({', '.join(MODEL)}) {gone}"),))
