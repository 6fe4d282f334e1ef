"""Labels that are waited for and labels that are overdue, from the log to the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exporter.capture.profiles import profile_of
from exporter.catalogue import QUALITY_STATE, QUALITY_THRESHOLD
from exporter.pipeline import Pipeline
from exporter.service.evaluate import Backtest
from tests.exporter.small_models import model_of

NOW = 1_800_000_000_000_000
START = datetime(2025, 1, 1, tzinfo=UTC)
HOURS = 72


def states(folder: Path, labelled: range, said: str) -> tuple[dict[str, str], bool]:
    """Return the state of each version, and whether there are thresholds, at the end of three days with two requests an hour."""
    (folder / "none.jsonl").write_text("".join(
        json.dumps({"timestamp": (START + timedelta(hours=hour)).isoformat(), "request_id": f"{hour}/{version}",
                    "version": version, "features": {"x": 1, "colour": "red"}, "prediction": hour % 2}) + "\n"
        for hour in range(HOURS) for version in ("old", "new")
    ))  # fmt: skip
    (folder / "no-labels.jsonl").write_text("".join(
        json.dumps({"request_id": f"{hour}/{version}", "label": hour % 2,
                    "timestamp": (START + timedelta(hours=hour)).isoformat()}) + "\n"
        for hour in labelled for version in ("old", "new")
    ))  # fmt: skip
    model = model_of(folder, "binary", f"windows: [48h]\n{said}")
    pipeline = Pipeline(model, profile_of(model, None), 1, finish=True)
    at = round((START + timedelta(hours=HOURS)).timestamp() * 1e6)
    samples = list(Backtest(pipeline, at, "all").run(NOW))
    found = {each.labels[1]: each.labels[2] for each in samples if each.metric is QUALITY_STATE and each.value == 1}
    return found, any(each.metric is QUALITY_THRESHOLD for each in samples)


@pytest.mark.parametrize(
    ("labelled", "said", "state"),
    [
        # The window begins after 24 hours, and what is older than the 24 hours that labels take ends after 48.
        (range(24, 48), "", "known"),
        (range(24, 47), "", "waiting"),
        (range(24, 36), "", "waiting"),
        (range(24, 35), "", "overdue"),
        (range(HOURS, HOURS), "", "overdue"),
        (range(HOURS, HOURS), "quality: {due_after: 48h}", "waiting"),
        (range(24, 35), "quality: {due_after: 36h}", "waiting"),
        (range(24, 35), "quality: {min_coverage: 0.2}", "known"),
    ],
)
def test_what_is_due_decides(tmp_path: Path, labelled: range, said: str, state: str) -> None:
    found, judged = states(tmp_path, labelled, said)
    assert found == {"": state, "old": state, "new": state}
    # Twenty-two labelled rows of both versions together are too few for thresholds.
    assert judged == (state != "waiting" and 2 * len(labelled) >= 30)
