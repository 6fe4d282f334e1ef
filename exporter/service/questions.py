"""Questions that only the worker can answer, since what they are about is its own: asked by other threads, answered in its time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from exporter.figures.spread import NOTHING, Spreads, spreads_of
from exporter.pipeline import Pipeline


class Questions:
    """``ask`` from any thread; the worker waits with ``rest``, which a question cuts short, and then calls ``answer``."""

    def __init__(self) -> None:
        self._asked: deque[tuple[str, Future[Spreads]]] = deque()
        self._bell = threading.Event()
        self._has_ended = False

    def ask(self, model: str) -> Future[Spreads]:
        """Return what will be the spreads of a model's columns. It may be cancelled."""
        question: Future[Spreads] = Future()
        self._asked.append((model, question))
        self._bell.set()
        return question

    def end(self) -> None:
        """Let there be no more rest."""
        self._has_ended = True
        self._bell.set()

    def rest(self, seconds: float) -> None:
        """Wait until there is a question, for so long at most."""
        self._bell.wait(seconds)

    def answer(self, pipelines: Iterable[Pipeline]) -> None:
        """Answer whatever has been asked; about a model that is not at work nothing is known."""
        self._bell.clear()
        if self._has_ended:
            self._bell.set()
        known = {pipeline.model.name: pipeline for pipeline in pipelines} if self._asked else {}
        answers: dict[str, Spreads] = {}
        while self._asked:
            model, question = self._asked.popleft()
            if question.set_running_or_notify_cancel():
                _answer(question, model, known, answers)


def _answer(question: Future[Spreads], model: str, pipelines: dict[str, Pipeline], answers: dict[str, Spreads]) -> None:
    try:
        if model not in answers:
            pipeline = pipelines.get(model)
            answers[model] = spreads_of(pipeline.ledger) if pipeline else NOTHING
    except Exception as error:  # noqa: BLE001 - it is for who has asked: the work goes on
        question.set_exception(error)
    else:
        question.set_result(answers[model])
