"""When things happen: a day of coarse history, six hours that are finer, and an hour of what a server scrapes really."""

from __future__ import annotations

from tests.end_to_end.simulation import DAY, HOUR, MINUTE, START

END = START + DAY + 2 * HOUR
"""The end of the time that dashboards show."""
SCRAPE = MINUTE
"""Scrapes of the last hour; in the data source it is what ``timeInterval`` says."""
FINE = END - HOUR
"""From here on there is a scrape a minute, of two exporters of the healthy models."""
BROKEN = END - 6 * HOUR
"""From here on the other job's models go wrong, and figures are computed more often."""
RETRAINED = END - 3 * HOUR
"""Here an exporter is started anew, with another reference."""
LOST = END - 30 * MINUTE
"""Here an exporter vanishes."""

_COARSE = 10 * MINUTE
SCRAPES = (*range(START + _COARSE, FINE, _COARSE), *range(FINE, END + 1, SCRAPE))
EVALUATIONS = frozenset(
    (
        # What is usual an hour before the end is told by these.
        *range(START + 30 * MINUTE, START + 3 * HOUR, 30 * MINUTE),
        *range(START + 3 * HOUR, BROKEN, HOUR),
        *range(BROKEN, FINE, 30 * MINUTE),
        *range(FINE, END + 1, 3 * MINUTE),
    )
)
"""Scrapes before which figures were computed. Between them the page stays what it was."""
RULES = 15 * MINUTE
"""Rules are evaluated every quarter of an hour."""
LOOKBACK = RULES + SCRAPE
"""For so long a value is taken for the present one."""
