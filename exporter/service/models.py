"""The models at work, each for itself: one that fails is set aside, and started again from what was saved."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from exporter import catalogue
from exporter.configuration.schema import Model
from exporter.intake.backoff import Backoff
from exporter.pipeline import Pipeline
from exporter.reference.profile import Profile
from exporter.snapshot import Sample
from exporter.state import persistence
from exporter.state.database import State
from exporter.state.problem import StateError

_LOG = logging.getLogger(__name__)

# A model that fails is started again after so long, in microseconds: at first, and when it goes on failing.
_FIRST_PAUSE = 1_000_000
_LONGEST_PAUSE = 300_000_000
# One that has worked for so long since fails for the first time again.
_FORGIVEN_AFTER = 2 * _LONGEST_PAUSE

T = TypeVar("T")


@dataclass(slots=True)
class _Ward:
    """What it takes to start a model again."""

    model: Model
    profile: Profile | None
    place: int
    backoff: Backoff
    is_working: bool = True
    failed_at: int | None = field(default=None)


class Models:
    """The pipelines of a configuration, in its order. ``random`` shortens the pauses between attempts.

    What was read since the last commit may be half counted when an error that nobody expected breaks into it, so a
    pipeline that raises is dropped and never saved; the next one goes on from the last commit: nothing is lost, and
    nothing is counted twice.
    """

    def __init__(self, state: State, random: Random | None = None) -> None:
        self._state = state
        self._random = random or Random()  # noqa: S311 - no secret hangs on it
        self._wards: dict[str, _Ward] = {}
        self._failures: Counter[str] = Counter()
        self.working: list[Pipeline] = []

    def take(self, pipelines: Iterable[Pipeline]) -> None:
        """Go on with these, and no others; ``working`` is them."""
        self.working = list(pipelines)
        former, self._wards = self._wards, {}
        for place, pipeline in enumerate(self.working):
            name = pipeline.model.name
            _make_ready(pipeline)
            backoff = former[name].backoff if name in former else self._backoff()
            self._wards[name] = _Ward(pipeline.model, pipeline.layout.profile, place, backoff)
        self._failures = Counter({name: self._failures[name] for name in self._wards})

    def each(self, act: Callable[[Pipeline], T], now: int) -> list[T]:
        """Return what ``act`` returns for every pipeline at work; set aside those for which it raises.

        What is wrong with the state is no single model's affair: ``StateError`` is let through.
        """
        found = []
        for pipeline in list(self.working):
            try:
                found.append(act(pipeline))
            except StateError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is logged
                self.set_aside(pipeline, error, now)
        return found

    def save(self, now: int) -> None:
        """Commit everything in one transaction; a model that cannot be saved is set aside. Raises ``StateError``."""
        while not self._saved(now):
            pass  # Once more without the one that failed.

    def set_aside(self, pipeline: Pipeline, error: Exception, now: int) -> None:
        """Do without a model for a while."""
        ward = self._wards[pipeline.model.name]
        self.working.remove(pipeline)
        ward.is_working = False
        if ward.failed_at is not None and abs(now - ward.failed_at) >= _FORGIVEN_AFTER:
            ward.backoff.succeed()
        self._note(ward, "the model failed and is set aside; it will start again from what was saved", error, now)
        try:
            pipeline.close()
        except Exception:  # noqa: BLE001 - its files are in disorder: they go with the pipeline
            _LOG.exception("the logs of a failed model were not closed", extra={"fields": {"model": ward.model.name}})

    def revive(self, now: int) -> None:
        """Start again those whose time has come."""
        for ward in self._wards.values():
            if not ward.is_working and ward.backoff.is_due(now):
                self._revive(ward, now)

    def samples(self) -> Iterator[Sample]:
        for name, ward in self._wards.items():
            yield Sample(catalogue.MODEL_UP, (name,), int(ward.is_working))
            yield Sample(catalogue.MODEL_FAILURES, (name,), self._failures[name])
            if not ward.is_working:
                for source in _sources(ward.model):
                    yield Sample(catalogue.SOURCE_UP, (name, source), 0)
        for pipeline in self.working:
            for feed in pipeline.feeds:
                labels = (pipeline.model.name, feed.health.source)
                yield Sample(catalogue.SOURCE_FAILURES, labels, feed.health.failures)

    @property
    def profiles(self) -> Mapping[str, Profile | None]:
        """The profile of each model by name, of those set aside as well."""
        return {name: ward.profile for name, ward in self._wards.items()}

    def _saved(self, now: int) -> bool:
        pipeline = None
        try:
            with self._state.transaction():
                for pipeline in self.working:
                    persistence.save(pipeline, self._state)
        except StateError:
            raise
        except Exception as error:
            if pipeline is None:
                raise
            self.set_aside(pipeline, error, now)
            return False
        for pipeline in self.working:
            persistence.saved(pipeline)
        return True

    def _revive(self, ward: _Ward, now: int) -> None:
        try:
            pipeline = Pipeline(ward.model, ward.profile, self._state.seed)
            persistence.restore(pipeline, self._state)
        except Exception as error:  # noqa: BLE001 - a damaged state included: the other models still work
            self._note(ward, "the model cannot start again", error, now)
            return
        _make_ready(pipeline)
        ward.is_working = True
        self.working.append(pipeline)
        self.working.sort(key=lambda each: self._wards[each.model.name].place)
        _LOG.info("the model has started again", extra={"fields": {"model": ward.model.name}})

    def _note(self, ward: _Ward, message: str, error: Exception, now: int) -> None:
        self._failures[ward.model.name] += 1
        # The same error will come back until somebody does something about it: once, where it came from will do.
        trace = error if ward.backoff.failures == 0 else None
        ward.backoff.fail(now)
        ward.failed_at = now
        _LOG.error(message, extra={"fields": {"model": ward.model.name, "error": repr(error)}}, exc_info=trace)

    def _backoff(self) -> Backoff:
        return Backoff(_FIRST_PAUSE, _LONGEST_PAUSE, self._random)


def _make_ready(pipeline: Pipeline) -> None:
    pipeline.keep_rejected()
    for feed in pipeline.feeds:
        feed.read_aside()


def _sources(model: Model) -> tuple[str, ...]:
    return ("predictions",) if model.labels is None else ("predictions", "labels")
