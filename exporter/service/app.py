"""The running exporter: one worker that reads, commits and evaluates, and a page that is swapped when it is ready."""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import chain

import exporter
from exporter import catalogue
from exporter.catalogue import Kind
from exporter.configuration.schema import Configuration
from exporter.exposition.page import NOTHING, Page
from exporter.exposition.press import Press
from exporter.exposition.series_limits import Usage, Watch
from exporter.figures.attempt import Attempt
from exporter.figures.spread import Spreads
from exporter.pipeline import Pipeline
from exporter.service import succession
from exporter.service.figure_failures import Attempts, FigureFailures
from exporter.service.memory import give_back
from exporter.service.models import Models
from exporter.service.questions import Questions
from exporter.service.reload import Prepare, Prepared, Reload, ReloadRefusedError
from exporter.service.systemd import Systemd
from exporter.snapshot import UNKNOWN, Sample, Section, Snapshot, snapshot_of
from exporter.state import persistence
from exporter.state.database import State
from exporter.state.problem import StateError, StateLostError

_LOG = logging.getLogger(__name__)

# How long the worker rests when there was nothing to read, and when there was hardly anything, in seconds.
# Without the second, a busy log would be read a few lines at a time, at a high price for each.
_REST = 0.5
_BREATH = 0.1
# A step that took less than this (microseconds) had hardly anything to read.
_BRISK = 10_000
# Figures this many intervals old are not shown any more: absent is better than frozen.
_STUCK = 5

Clock = Callable[[], int]


class App:
    """Works through pipelines until it is told to stop. ``clock`` gives microseconds since the epoch.

    A counter is published once it has been committed, so that it never falls, whatever ends the process. ``prepare``
    reads the configuration anew when a reload is asked for; ``manager`` is told how the service is doing.
    """

    def __init__(
        self,
        configuration: Configuration,
        state: State,
        clock: Clock,
        *,
        prepare: Prepare | None = None,
        manager: Systemd | None = None,
    ) -> None:
        self._configuration = configuration
        self._models = Models(state)
        self._figure_failures = FigureFailures()
        self._state = state
        self._clock = clock
        self._press = Press()
        self._page = NOTHING
        self._evaluation: Sequence[Sample] = ()
        self._series_watch = Watch()
        self._saved_at: int | None = None
        self._failed_commits = 0
        self._source_counters: Sequence[Sample] = ()
        self._own = snapshot_of(build_info())
        self._started_at = self._committed_at = clock()
        self._evaluated_at: int | None = None
        self._stop = threading.Event()
        self._questions = Questions()
        self._reload = Reload(prepare or self._as_it_is, self._started_at)
        self._is_due = False
        self._caught_up = False
        self._rows_before = 0
        self._manager = manager or Systemd({})

    def add(self, pipeline: Pipeline) -> None:
        """Take on a model, where the state left it. Raises ``StateError``."""
        persistence.restore(pipeline, self._state)
        self._models.take([*self._models.working, pipeline])
        self._rows_before += _rows([pipeline])
        self._note_counters()
        self._report()

    def run(self) -> bool:
        """Work until ``stop``; then commit once more and return whether that went well."""
        while not self._stop.is_set():
            started = self._clock()
            self._manager.alive()
            if not self.step():
                self._questions.rest(_REST)
            elif self._elapsed_since(started) < _BRISK:
                self._questions.rest(_BREATH)
        return self.commit()

    def stop(self) -> None:
        """End ``run`` soon; from any thread."""
        self._stop.set()
        self._questions.end()

    def request_reload(self) -> Future[None]:
        """Have the configuration read again and taken on if it is good; from any thread. Says what comes of it."""
        return self._reload.request()

    def ask(self, model: str) -> Future[Spreads]:
        """Have it looked up how a model's columns are spread; from any thread. The worker answers when it comes to it."""
        return self._questions.ask(model)

    @property
    def is_reloading(self) -> bool:
        """Whether a configuration is being read, in a thread that nobody waits for."""
        return self._reload.is_under_way

    @property
    def models(self) -> list[str]:
        """The names of the models in force."""
        return list(self._configuration.models)

    def close(self) -> None:
        """Let go of the logs."""
        for pipeline in self._models.working:
            pipeline.close()

    def step(self) -> bool:
        """Read a batch of every model, and commit and evaluate when it is time; return whether anything was read."""
        self._attend_to_reload()
        self._questions.answer(self._models.working)
        self._models.revive(self._clock())
        if any(self._models.each(lambda pipeline: pipeline.begin(self._clock()), self._clock())):
            # From which moment on a new model counts is settled once and for all.
            self.commit()
        # Every model has its turn, whatever an earlier one has brought.
        read = self._models.each(self._turn, self._clock())
        if self._stop.is_set():
            return any(read)
        # A folder of so many files that it takes long to look through is not at its end for that.
        caught_up = not any(read) and not any(pipeline.is_awaited for pipeline in self._models.working)
        if caught_up:
            self._note_catching_up()
        if self._evaluation_is_due(caught_up=caught_up):
            self.commit()
            self.evaluate()
            give_back()
        elif self._elapsed_since(self._committed_at) >= self._configuration.storage.commit_interval:
            self.commit()
            give_back()
        self._report()
        return any(read)

    def commit(self) -> bool:
        """Save everything and return whether that worked; what cannot be saved is tried again the next time."""
        self._committed_at = self._clock()
        try:
            self._models.save(self._committed_at)
        except StateLostError:
            # What is on the disk is older than what we hold: a new process reads the logs from there.
            raise
        except StateError as error:
            _LOG.error("the state was not saved", extra={"fields": {"error": str(error)}})
            self._failed_commits += 1
            return False
        finally:
            # Also after a failure, which is in the log: better figures that may not survive than none.
            self._note_counters()
        self._saved_at = self._committed_at
        return True

    def evaluate(self) -> None:
        """Compute every figure and publish the page."""
        started, first = self._clock(), self._evaluated_at is None
        page, usages = self._printed(started)
        self._series_watch.look(usages)
        page.compress_like(self._page)
        ended = self._clock()
        self._evaluation = (
            Sample(catalogue.LAST_EVALUATION, (), ended / 1e6),
            Sample(catalogue.EVALUATION_DURATION, (), max(ended - started, 0) / 1e6),
            *(sample for usage in usages for sample in usage.gauges()),
        )
        # Before the page: no scrape is to find fewer rows read than counted.
        self._report()
        self._page, self._evaluated_at = page, ended
        self._is_due = False
        seconds = round((ended - started) / 1e6, 3)
        _LOG.debug("evaluated", extra=_fields(series=usages[-1].series, seconds=seconds))
        if first:
            self._manager.ready(self._status())

    def page(self) -> Page | None:
        """The models' part of the page; None before there is one, and when the worker is stuck."""
        if self._evaluated_at is None:
            return None
        age = self._clock() - self._evaluated_at
        return self._page if age < _STUCK * self._configuration.evaluation_interval else None

    def body(self) -> bytes | None:
        """The same as text."""
        page = self.page()
        return page.text if page else None

    def own(self) -> Snapshot:
        """What the exporter says of itself."""
        return self._own

    @property
    def is_ready(self) -> bool:
        """Whether there are figures to scrape."""
        return self.page() is not None

    def _turn(self, pipeline: Pipeline) -> bool:
        return not self._stop.is_set() and pipeline.step(self._clock())

    def _printed(self, now: int) -> tuple[Page, list[Usage]]:
        """Return a page of all models, each of which is done with before the next one begins."""
        self._press.begin(self._configuration.limits.series)
        self._models.each(lambda pipeline: self._print(pipeline, now), now)
        if again := self._press.unfair():
            self._models.each(lambda pipeline: self._print(pipeline, now, only=again), now)
        return self._press.page(), self._press.usages()

    def _print(self, pipeline: Pipeline, now: int, only: frozenset[str] | None = None) -> None:
        if only is not None and pipeline.model.name not in only:
            return
        model, attempts = pipeline.model, self._figure_failures.attempts(pipeline.model.name, now)
        try:
            self._press.take(model, published_sections(pipeline, attempts))
        except (ValueError, TypeError):  # what a sample of ours that is none leads to
            # What failed before has been noted.
            again = published_sections(pipeline, Attempts(lambda *_: None))
            sound = self._figure_failures.sound((each for section in again for each in section.samples()), now)
            self._press.take(model, [Section("sound", UNKNOWN, lambda: sound)])
        if attempts.failed:
            # Each evaluation tries again.
            self._press.forget(model)
        give_back()

    def _evaluation_is_due(self, *, caught_up: bool) -> bool:
        """The first one waits for the backlog, but not for ever: a log may grow as fast as it is read."""
        interval = self._configuration.evaluation_interval
        if self._evaluated_at is None:
            return caught_up or self._elapsed_since(self._started_at) >= interval
        if self._is_due:
            return True
        return self._elapsed_since(self._evaluated_at) >= interval

    def _elapsed_since(self, moment: int) -> int:
        # A clock that was set back must not stop the work until it has caught up with itself.
        return abs(self._clock() - moment)

    def _note_counters(self) -> None:
        self._source_counters = [sample for sample in self._source_samples() if sample.metric.kind is Kind.COUNTER]

    def _report(self) -> None:
        gauges = (sample for sample in self._source_samples() if sample.metric.kind is not Kind.COUNTER)
        own = (*build_info(), *self._reload.samples(), *self._commit_samples(), *self._evaluation, *self._failures())
        self._own = snapshot_of([*own, *self._source_counters, *gauges])

    def _failures(self) -> Iterator[Sample]:
        yield from self._models.samples()
        yield from self._figure_failures.samples(self._models.profiles)

    def _commit_samples(self) -> Iterator[Sample]:
        yield Sample(catalogue.FAILED_COMMITS, (), self._failed_commits)
        yield Sample(catalogue.LOST_COMMITS, (), self._state.lost_commits)
        for pipeline in self._models.working:
            if pipeline.counting_since is not None:
                yield Sample(catalogue.COUNTING_SINCE, (pipeline.model.name,), pipeline.counting_since / 1e6)
        if self._saved_at is not None:
            yield Sample(catalogue.LAST_COMMIT, (), self._saved_at / 1e6)

    def _attend_to_reload(self) -> None:
        if self._reload.start():
            self._manager.reloading()
        finished = self._reload.finished()
        if finished is None:
            return
        error = finished.exception() or self._take_on(finished.result())
        if error is not None:
            # The old configuration works: nothing is a reason to end.
            self._reload.refuse(error)
        self._report()
        self._reload.tell()
        if self._evaluated_at is not None:
            self._manager.ready(self._status())

    def _take_on(self, prepared: Prepared) -> Exception | None:
        """Go on with another configuration, or return why everything stays as it is. Raises ``StateError``."""
        if not self.commit():
            return ReloadRefusedError("the state could not be saved before the change")
        running = self._models.working
        try:
            successors = succession.successors(running, prepared, self._state.seed)
        except Exception as error:  # noqa: BLE001 - logged by whoever refuses the reload; nothing has changed yet
            return error
        self._models.take(succession.succeed(running, successors, self._state))
        for key in succession.needing_restart(self._configuration, prepared.configuration):
            _LOG.warning("takes effect after a restart only", extra=_fields(key=key))
        self._configuration = prepared.configuration
        self._reload.accept(self._clock())
        self._is_due = True
        self._note_counters()
        return None

    def _as_it_is(self) -> Prepared:
        """What a reload finds when nobody said how to read the configuration."""
        return Prepared(self._configuration, self._models.profiles)

    def _note_catching_up(self) -> None:
        if self._caught_up:
            return
        self._caught_up = True
        rows = _rows(self._models.working) - self._rows_before
        seconds = round(self._elapsed_since(self._started_at) / 1e6, 3)
        _LOG.info("caught up: the logs are read to their ends", extra=_fields(rows=rows, seconds=seconds))

    def _status(self) -> str:
        failed = "" if self._reload.succeeded else "; the last reload failed"
        return f"serving {', '.join(self._models.profiles)}{failed}"

    def _source_samples(self) -> list[Sample]:
        found = self._models.each(lambda pipeline: list(published(pipeline, pipeline.source_samples())), self._clock())
        return list(chain.from_iterable(found))


def published(pipeline: Pipeline, samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yield what may be shown: the counters of a new model wait until its logs have been read to their ends once."""
    return (each for each in samples if pipeline.is_published or each.metric.kind is Kind.GAUGE)


def published_sections(pipeline: Pipeline, attempt: Attempt) -> list[Section]:
    """Return the sections of a pipeline as of now, each of what may be shown of it."""
    return [_published(pipeline, section) for section in pipeline.sections(pipeline.ledger.now, attempt)]


def _published(pipeline: Pipeline, section: Section) -> Section:
    state = UNKNOWN if section.state is UNKNOWN else (pipeline.is_published, section.state)
    return Section(section.name, state, lambda: published(pipeline, section.samples()))


def _rows(pipelines: Iterable[Pipeline]) -> int:
    return sum(feed.health.rows for pipeline in pipelines for feed in pipeline.feeds)


def _fields(**fields: object) -> dict[str, object]:
    return {"fields": fields}


def build_info() -> list[Sample]:
    return [Sample(catalogue.BUILD_INFO, (exporter.__version__, platform.python_version()), 1)]
