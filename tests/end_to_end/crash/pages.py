"""What two pages have to agree in: everything, but for what is about the process, its clock or when it looked.

A page is kept as it is written: each series to its value.
"""

from __future__ import annotations

import math

from tests.end_to_end.world import is_lasting

Series = dict[str, float]

# Each with the reason why a process that was killed and one that was not cannot agree in it.
NOT_COMPARED = {
    "process_": "the process itself: memory, descriptors, processor time, when it was started",
    "ml_exporter_last_evaluation_timestamp_seconds": "the wall clock at the last evaluation",
    "ml_exporter_evaluation_duration_seconds": "how long it took",
    "ml_exporter_last_commit_timestamp_seconds": "the wall clock at the last commit",
    "ml_exporter_source_last_success_timestamp_seconds": "the wall clock at the last reading",
    "ml_exporter_config_last_reload_success_timestamp_seconds": "the wall clock at the start or reload",
    "ml_exporter_counting_since_timestamp_seconds": "the wall clock at the first start",
    "ml_exporter_pending_rows": "what is in memory: old rows leave it by the block, and blocks follow the batches",
    "ml_exporter_source_failures_total": "attempts since the start: a folder may still be empty then",
    "ml_exporter_source_events_total": "what happened to files between two looks: who is down sees less of it",
}
# Sums of floats depend on their order in the last digits; these rest on differences of nearly equal sums.
_MAGNIFIED = ("ml_quality_lower", "ml_quality_upper", "ml_quality_threshold", 'ml_quality{metric="r2"')


def series_of(text: str) -> Series:
    pairs = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {series: float(value) for series, _, value in pairs}


def fallen(before: Series, after: Series) -> list[str]:
    """The counters that fell, or went, between two pages."""
    lasting = {key: value for key, value in before.items() if is_lasting(key.partition("{")[0])}
    return [key for key, value in lasting.items() if after.get(key, -1.0) < value]


def differences(found: Series, expected: Series) -> list[str]:
    """Say in which series two pages differ: whole numbers by anything, others by more than their last digits."""
    found, expected = _compared(found), _compared(expected)
    texts = [f"{key}: only in {'the first' if key in found else 'the second'}" for key in found.keys() ^ expected]
    texts += [
        f"{key}: {found[key]!r} instead of {expected[key]!r}"
        for key in found.keys() & expected.keys()
        if not _are_equal(key, found[key], expected[key])
    ]
    return sorted(texts)


def _compared(page: Series) -> Series:
    return {key: value for key, value in page.items() if not key.startswith(tuple(NOT_COMPARED))}


def _are_equal(key: str, one: float, other: float) -> bool:
    if one == other:
        return True
    digits = 1e-9 if key.startswith(_MAGNIFIED) else 1e-11
    return not (one.is_integer() and other.is_integer()) and math.isclose(one, other, rel_tol=digits, abs_tol=digits)
