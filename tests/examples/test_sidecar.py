"""The child process, with a short program in the exporter's place."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from examples.demo.sidecar import DemoError, ends_within, exporter, fetch

WELL = (
    "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True); signal.pause()"
)
FAILS = "import sys; print('no such log', file=sys.stderr); sys.exit(3)"
SULKS = WELL.replace("sys.exit(0)", "sys.exit(4)")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An executable that runs ``program.py`` beside it, whatever the arguments."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/program.py"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    return tmp_path / "program.py"


def run(program: Path) -> int | None:
    with exporter(program.parent / "driftbell.yml", "127.0.0.1:0") as child:
        log = program.parent / "exporter.log"
        while not ends_within(child, 0.02) and "up" not in log.read_text():
            pass
    return child.returncode


def test_it_is_ended_with_the_block(program: Path) -> None:
    program.write_text(WELL)
    assert run(program) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [(FAILS, "(?s)by itself.*exit code 3.*no such log"), (SULKS, "(?s)when it was told to.*exit code 4")],
    ids=["by itself", "when told to"],
)
def test_a_bad_end_is_reported_with_the_log(program: Path, text: str, message: str) -> None:
    program.write_text(text)
    with pytest.raises(DemoError, match=message) as caught:
        run(program)
    assert caught.value.code == 1


def test_no_page_yet_is_no_failure() -> None:
    assert fetch("127.0.0.1:1") is None
