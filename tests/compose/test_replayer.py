from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import yaml

from compose import replayer
from compose.stack.files import MOUNTS, lay_out
from exporter.durations import parse_duration
from tests.compose.samples import ADDRESSES, ROOT

CONFIGURATION = yaml.safe_load((ROOT / "compose" / "driftbell.yml").read_text("utf-8"))


def test_every_log_that_is_read_grows_and_every_reference_is_there() -> None:
    read = set()
    for model in CONFIGURATION["models"].values():
        read |= {model["predictions"], model["labels"]["path"]}
        place = MOUNTS["/usr/share/driftbell"]
        assert (place / Path(model["reference"]).relative_to("/usr/share/driftbell")).is_file()
    names = (name for example in replayer.SPEEDS for name in replayer.logs_of(example, "1"))
    assert {f"/var/log/model/{name}" for name in names} == read


def test_all_windows_are_full_from_the_start() -> None:
    longest = max(
        parse_duration(window) * 1e-6 for model in CONFIGURATION["models"].values() for window in model["windows"]
    )
    assert longest < replayer.HEAD_START_SECONDS


def test_two_replays_of_a_log_have_no_request_in_common() -> None:
    first, second = (
        {record["request_id"] for record in replayer.logs_of("bike", run)["bike-predictions.jsonl"]} for run in "12"
    )
    assert len(first) == len(second)
    assert not first & second


def test_a_log_that_becomes_too_long_is_renamed_and_the_one_before_goes(tmp_path: Path) -> None:
    log = tmp_path / "a.jsonl"
    for text in ("1\n", "2\n", "3\n", "4\n", "5\n"):
        replayer.append(log, text, longest=4)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.jsonl": "5\n", "a.jsonl.1": "3\n4\n"}


def test_it_writes_what_is_due_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    records = [{"timestamp": f"2025-01-0{day}T00:00:00Z", "request_id": str(day)} for day in (1, 2, 9)]
    # A second is a day: two are due, and the third is a week ahead.
    replayer.replay({"elec2": {"a.jsonl": records}}, tmp_path, time.time() - 1.5, stop)
    assert [json.loads(line)["request_id"] for line in (tmp_path / "a.jsonl").read_text().splitlines()] == ["1", "2"]


def test_the_exporter_has_nothing_to_say_against_the_configuration(tmp_path: Path) -> None:
    files = lay_out(tmp_path, ADDRESSES)
    for name in ("elec2", "bike"):
        for log in replayer.LOGS:
            (files.logs / f"{name}-{log}.jsonl").touch()
    command = [sys.executable, "-m", "exporter", "check-config", f"--config.file={files.exporter}"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "warning" not in checked.stdout


def test_what_runs_in_containers_needs_the_standard_library_alone() -> None:
    program = "import compose.replayer, compose.sink.__main__"
    assert subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, check=False).returncode == 0
