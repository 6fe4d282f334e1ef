from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from exporter.intake.aside import Aside, UnansweredError
from exporter.sources import Batch, Cursor, SourceError
from tests.end_to_end.world import eventually

BATCH = Batch("part", [1, 2], {}, {"at": 2})
# Long enough for any machine to answer, and short enough not to be felt.
PROMPT, IMPATIENT = 20.0, 0.01


class Hanging:
    """A source whose answers wait for ``let_go``."""

    name = "hanging"

    def __init__(self, answer: Callable[[], Batch[list[int]] | None]) -> None:
        self._answer = answer
        self.let_go = threading.Event()
        self.asked: list[Cursor] = []
        self.threads: list[str] = []
        self.closed = 0

    def poll(self, cursor: Cursor) -> Batch[list[int]] | None:
        self.asked.append(cursor)
        self.threads.append(threading.current_thread().name)
        assert self.let_go.wait(PROMPT)
        return self._answer()

    def close(self) -> None:
        self.closed += 1


def fail_with(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_an_answer_is_the_sources() -> None:
    source = Hanging(lambda: BATCH)
    source.let_go.set()
    aside = Aside(source, PROMPT)
    assert (aside.name, aside.poll({"at": 0})) == ("hanging", BATCH)
    assert (source.asked, source.threads) == ([{"at": 0}], ["source"])


@pytest.mark.parametrize("error", [SourceError("gone"), TimeoutError("of the file system"), ValueError("odd")])
def test_so_is_a_failure_and_the_next_poll_asks_anew(error: Exception) -> None:
    source = Hanging(fail_with(error))
    source.let_go.set()
    aside = Aside(source, PROMPT)
    for _ in range(2):
        with pytest.raises(type(error), match=str(error)):
            aside.poll({})
    assert len(source.asked) == 2


def test_one_that_hangs_is_asked_once_and_its_answer_is_not_lost() -> None:
    source = Hanging(lambda: BATCH)
    aside = Aside(source, IMPATIENT)
    for _ in range(3):
        with pytest.raises(UnansweredError):
            aside.poll({})
    assert len(source.asked) == 1
    source.let_go.set()
    assert eventually(lambda: answer_of(aside), "the answer") == BATCH
    assert len(source.asked) == 1


def answer_of(aside: Aside[list[int]]) -> Batch[list[int]] | None:
    try:
        return aside.poll({})
    except UnansweredError:
        return None


def test_only_the_first_poll_waits() -> None:
    source = Hanging(lambda: BATCH)
    aside = Aside(source, IMPATIENT)
    with pytest.raises(UnansweredError):
        aside.poll({})
    aside._patience = PROMPT  # would be noticed: the test has no such time
    with pytest.raises(UnansweredError):
        aside.poll({})
    source.let_go.set()


def test_a_source_is_closed_when_it_comes_back() -> None:
    source = Hanging(lambda: None)
    aside = Aside(source, IMPATIENT)
    with pytest.raises(UnansweredError):
        aside.poll({})
    aside.close()
    assert source.closed == 0
    source.let_go.set()
    assert eventually(lambda: source.closed == 1, "closed")


def test_an_idle_source_is_closed_at_once() -> None:
    source = Hanging(lambda: None)
    Aside(source).close()
    assert source.closed == 1
