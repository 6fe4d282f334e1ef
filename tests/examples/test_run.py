from __future__ import annotations

import socket
from pathlib import Path

import pytest

from examples.demo import run
from examples.demo.replay import Span
from examples.demo.sidecar import DemoError, check_free


@pytest.mark.parametrize(
    "environment",
    [{"DEMO_ADDRESS": "9911"}, {"DEMO_ADDRESS": "localhost:web"}, {"DEMO_SECONDS": "a minute"}],
    ids=lambda environment: "".join(environment.values()),
)
def test_a_wrong_setting_is_refused_by_name(environment: dict[str, str]) -> None:
    with pytest.raises(DemoError, match=next(iter(environment))) as caught:
        run.settings_of(environment)
    assert caught.value.code == 2


def test_a_taken_port_is_reported_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(DemoError, match=f"(?s){address}.*DEMO_ADDRESS") as caught:
            check_free(address)
    assert caught.value.code == 2
    check_free(address)


def test_every_log_that_is_replayed_is_there_before_it_grows(tmp_path: Path) -> None:
    config = run.lay_out(tmp_path)
    replayed = {target for name in run.SPEEDS for target in run.logs_of(name)}
    assert {path.name for path in config.parent.glob("*.jsonl")} == replayed
    assert all(target in config.read_text() for target in replayed)


def test_progress_counts_from_now_and_not_from_the_head_start() -> None:
    spans = {name: Span(0.0, 400 * run.DAY) for name in run.SPEEDS}
    shown = run.progress(spans, run.HEAD_START_SECONDS + 10.0)
    assert shown.startswith("10 s: ")
    assert "elec2 at 1970-06-10 (pass 1)" in shown  # 40 s of four days each
