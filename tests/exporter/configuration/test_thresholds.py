from __future__ import annotations

from pathlib import Path

import pytest

from exporter.configuration import load

MODEL = "models:\n  m:\n    task: binary\n    predictions: p.jsonl\n"


def judged(folder: Path, text: str) -> list[str]:
    (folder / "driftbell.yml").write_text(MODEL + text)
    model = load(folder / "driftbell.yml").configuration.models["m"]
    return [window.name for window in model.judged_windows]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["24h"]),
        ("    windows: [7d, 1h, all, 1000rows]\n", ["7d"]),
        ("    windows: [{length: 24h, previous: true}]\n", ["24h"]),
        ("    windows: [all]\n", []),
        ("    thresholds: {windows: [24h, 1h]}\n", ["1h", "24h"]),
        ("    thresholds: {windows: []}\n", []),
    ],
)
def test_the_longest_window_of_time_is_judged_unless_others_are_named(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    assert judged(tmp_path, text) == names


@pytest.mark.parametrize("name", ["2h", "all", "24h_previous"])
def test_only_windows_of_time_that_are_there_can_be_named(tmp_path: Path, name: str) -> None:
    windows = "    windows: [1h, all, {length: 24h, previous: true}]\n"
    (tmp_path / "driftbell.yml").write_text(f"{MODEL}{windows}    thresholds: {{windows: [{name}]}}\n")
    with pytest.raises(Exception, match="windows of time are 1h, 24h"):
        load(tmp_path / "driftbell.yml")
