"""What becomes of a worker that fails; all else about ``serve`` is tested in tests/end_to_end."""

from __future__ import annotations

import logging

import pytest

from exporter.commands import serve
from exporter.commands.outcome import FAILED, OK
from exporter.service.app import App


class Worker(App):
    """An app whose work is a function."""

    def __init__(self, outcome: bool | Exception) -> None:
        self._outcome = outcome

    def run(self) -> bool:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def test_an_unexpected_error_is_logged_with_its_trace_and_ends_the_process(caplog: pytest.LogCaptureFixture) -> None:
    assert serve._work(Worker(ZeroDivisionError("of all things"))) == FAILED
    assert "Traceback" in caplog.text
    assert "of all things" in caplog.text


def test_a_last_commit_that_failed_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert serve._work(Worker(outcome=False)) == FAILED
        assert serve._work(Worker(outcome=True)) == OK
