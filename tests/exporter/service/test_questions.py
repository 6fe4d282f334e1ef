from __future__ import annotations

import threading
from typing import Any
from unittest.mock import Mock

import pytest

from exporter.figures.spread import NOTHING, Spreads
from exporter.service import questions
from exporter.service.questions import Questions

SECONDS = 10.0


def pipeline(name: str) -> Any:
    made = Mock()
    made.model.name = name
    return made


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Mock:
    found = Mock(return_value=Spreads("1d", ()))
    monkeypatch.setattr(questions, "spreads_of", found)
    return found


def test_questions_about_one_model_are_answered_at_once_and_looked_up_once(looked_up: Mock) -> None:
    asked = Questions()
    futures = [asked.ask("a"), asked.ask("a"), asked.ask("gone")]
    a = pipeline("a")
    asked.answer([a, pipeline("b")])
    assert [future.result(0) for future in futures] == [Spreads("1d", ()), Spreads("1d", ()), NOTHING]
    looked_up.assert_called_once_with(a.ledger)


def test_an_error_is_for_who_asked_and_for_nobody_else(looked_up: Mock) -> None:
    asked = Questions()
    looked_up.side_effect = [ArithmeticError, Spreads("1d", ())]
    bad, good = asked.ask("a"), asked.ask("b")
    asked.answer([pipeline("a"), pipeline("b")])
    assert isinstance(bad.exception(0), ArithmeticError)
    assert good.result(0) == Spreads("1d", ())


def test_who_has_given_up_is_not_answered(looked_up: Mock) -> None:
    asked = Questions()
    assert asked.ask("a").cancel()
    asked.answer([pipeline("a")])
    looked_up.assert_not_called()


def test_a_question_or_the_end_cuts_the_rest_short() -> None:
    asked = Questions()
    rested = threading.Event()

    def rest() -> None:
        asked.rest(100 * SECONDS)
        rested.set()

    for cut_short in (lambda: asked.ask("a"), asked.end):
        rested.clear()
        thread = threading.Thread(target=rest, daemon=True)
        thread.start()
        cut_short()
        assert rested.wait(SECONDS)
        asked.answer([])


def test_after_the_end_there_is_no_rest() -> None:
    asked = Questions()
    asked.end()
    asked.answer([])
    thread = threading.Thread(target=asked.rest, args=(100 * SECONDS,), daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive()
