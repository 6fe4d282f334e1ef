"""What each query of each panel is expected to say of each model, board by board."""

from __future__ import annotations

from tests.dashboards.queries.expectations import drift, feature, overview, quality, resources, slo
from tests.dashboards.queries.expectations.expected import Expected

EXPECTED: dict[tuple[str, int, str], Expected] = {
    (uid, panel, letter): expected
    for uid, board in (
        ("driftbell-overview", overview.EXPECTED),
        ("driftbell-quality", quality.EXPECTED),
        ("driftbell-drift", drift.EXPECTED),
        ("driftbell-feature", feature.EXPECTED),
        ("driftbell-slo", slo.EXPECTED),
        ("driftbell-resources", resources.EXPECTED),
    )
    for panel, queries in board.items()
    for letter, expected in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", queries, strict=False)
}
"""By dashboard, panel and query."""
