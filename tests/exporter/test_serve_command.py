"""What becomes of a worker that fails; all else about ``serve`` is tested in tests/end_to_end."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from exporter import catalogue
from exporter.commands import serve
from exporter.commands.outcome import FAILED, OK
from exporter.service.app import App
from exporter.snapshot import Sample, snapshot_of


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


def test_the_status_page_hears_of_the_exporter_and_of_its_web_configuration() -> None:
    own, web = Sample(catalogue.FAILED_COMMITS, (), 0), Sample(catalogue.WEB_CONFIG_SUCCESSFUL, (), 0)
    app: Any = SimpleNamespace(models=["a"], page=None, ask=None, own=lambda: snapshot_of([own]))
    configuration: Any = SimpleNamespace(samples=lambda: [web])
    assert list(serve._site(app, configuration)._sources.own()) == [own, web]  # type: ignore[attr-defined]
