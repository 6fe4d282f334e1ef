"""One model from its sources to its figures: source, decoder, panes and label join, windows, statistics."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any, TypeVar

from exporter import catalogue
from exporter.configuration.logs import LabelLog, PredictionLog
from exporter.configuration.schema import Model
from exporter.configuration.windows import Window
from exporter.counting.layout import Layout
from exporter.counting.timeline import BEGINNING
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import UNKNOWN_VERSION, PredictionGatherer
from exporter.figures import COUNTERS, bins, labels, limits, objectives, references, sequential, window_samples
from exporter.figures.attempt import Attempt, name_of, plainly
from exporter.intake.backlog import Backlog
from exporter.intake.dead_letters import DeadLetters
from exporter.intake.feed import Delivery, Feed
from exporter.intake.formats import HowToRead, decoder_of, source_of
from exporter.intake.letter_file import LetterFile
from exporter.intake.source_health import SourceHealth
from exporter.intake.watermark import Watermark
from exporter.ledger import window_state
from exporter.ledger.ledger import Ledger, Totals
from exporter.ledger.window_view import views
from exporter.objectives.throughput import NO_VERSION
from exporter.reference.profile import Profile
from exporter.rows.record import Flags, Ints, Labels, Predictions, Rows
from exporter.snapshot import UNKNOWN, Sample, Section

# A step reads so many batches of labels at most, lest figures wait for a long label log.
_LABEL_BATCHES = 16
# A busy log has a few more lines each time it is looked at. After a round of so few rows a second one follows at
# once, or else its end would never be seen.
_FEW = 1000
_ROUNDS = 2
# Of very many files each step reads some: commits and other models do not wait for all of them.
_LOOKS = 256

R = TypeVar("R", bound=Rows)

_NUMBERS = count(1)


class Pipeline:
    """Reads a model's logs step by step and says what they show.

    ``seed`` is the key of the hashes of request ids; ``finish`` says that the logs will not grow; ``batch_bytes`` is
    how much is read at a time. No figure depends on it.
    """

    def __init__(
        self, model: Model, profile: Profile | None, seed: int, *, finish: bool = False, batch_bytes: int = 1 << 22
    ) -> None:
        how: HowToRead = {"finish": finish, "batch_bytes": batch_bytes}
        # Tells it from its successors, which may see the same rows in another way.
        self.number = next(_NUMBERS)
        self.model = model
        self.layout = Layout(model, profile)
        self.ledger = Ledger(self.layout)
        self.watermark = Watermark(model.allowed_lateness, model.idle_timeout, model.predictions.delivery)
        # The moment from which on records count, None until it is settled; see `begin`.
        self.start: int | None = None
        # The wall clock when its figures were begun, None until it works.
        self.counting_since: int | None = None
        # Whether counters may be shown; see `_note_publication`.
        self.is_published = False
        gatherer = PredictionGatherer(self.layout, seed, model.max_future_skew)
        self.predictions: Feed[Predictions] = Feed(
            source_of(model.predictions, f"{model.name} predictions", model.limits.line_bytes, gatherer.leaves, **how),
            decoder_of(model.predictions, gatherer),
            SourceHealth(model.name, "predictions"),
            model.idle_timeout,
        )
        self.prediction_backlog = Backlog(model.allowed_lateness)
        self.label_backlog = Backlog(model.allowed_lateness)
        self.labels: Feed[Labels] | None = None
        if model.labels is not None:
            label_gatherer = LabelGatherer(self.layout, model.labels, seed, model.max_future_skew)
            self.labels = Feed(
                source_of(model.labels, f"{model.name} labels", model.limits.line_bytes, label_gatherer.leaves, **how),
                decoder_of(model.labels, label_gatherer),
                SourceHealth(model.name, "labels"),
                model.idle_timeout,
            )

    @property
    def feeds(self) -> tuple[Feed[Predictions] | Feed[Labels], ...]:
        return (self.predictions,) if self.labels is None else (self.predictions, self.labels)

    @property
    def is_awaited(self) -> bool:
        """Whether a source was asked and has not answered yet: there may be more of it."""
        return any(feed.is_awaited for feed in self.feeds)

    @property
    def backlogs(self) -> tuple[Backlog, Backlog]:
        return self.prediction_backlog, self.label_backlog

    def begin(self, now: int) -> bool:
        """Settle from which moment on records count, at the model's first start; return whether this was it."""
        if self.counting_since is None:
            self.counting_since = now
        if self.start is not None:
            return False
        start = self.model.start_at.resolve(now)
        self.begin_at(BEGINNING if start is None else start)
        return True

    def begin_at(self, start: int) -> None:
        """Ignore all records dated before ``start``."""
        self.start = start
        if self.ledger.join:
            self.ledger.join.begin_at(start)

    def step(self, now: int) -> bool:
        """Read labels until they are as new as the predictions, then a batch of predictions; return whether there was any.

        Both logs are read in step, so that the labels of a long backlog find their predictions while these are
        remembered.
        """
        self.begin(now)
        read = False
        for _ in range(_LABEL_BATCHES):
            if not (self._labels_are_behind() and self._read_labels(now)):
                read |= self._read_predictions(now)
                # Without predictions that they could outrun, labels are read as far as there are any.
                read |= (self.predictions.is_at_end or not read) and self._read_labels(now)
                break
            read = True
        self.ledger.objectives.listen(is_up=self.predictions.health.up, is_at_end=self.predictions.is_at_end)
        self.advance(self.watermark.value, min(backlog.read_to for backlog in self.backlogs))
        self.count_strays()
        self._note_publication()
        return read

    def count_strays(self) -> None:
        """Count label lines that turned out to belong to no prediction of ours as ignored."""
        if self.labels and self.ledger.join:
            self.labels.health.ignored += self.ledger.join.take_strays()

    def advance(self, mark: int | None, clock: int) -> None:
        """Move event time to ``mark`` (None before the first row); what is dated before ``clock`` has been read."""
        if mark is not None:
            self.ledger.advance(mark, clock)

    def sections(self, now: int | None, attempt: Attempt = plainly) -> Iterator[Section]:
        """Yield the model's figures as of event time ``now`` (None before the first row), by what makes them change.

        Each group of figures is computed by an ``attempt``.
        """
        # Not in an attempt: what goes wrong with counting is no single figure's affair.
        self.ledger.count_waiting()
        yield Section("counters", UNKNOWN, partial(self._of_no_window, now, attempt))
        yield Section("reference", self.number, partial(attempt, "bins", partial(bins.reference_ratios, self.layout)))
        if now is not None and self._has_whole_windows:
            for window in self.model.windows:
                state = self.number, window_state.state_of(self.ledger, window, now)
                yield Section(window.name, state, partial(self._of_window, window, now, attempt))

    def samples(self, now: int | None, attempt: Attempt = plainly) -> Iterator[Sample]:
        """Yield all of these figures."""
        for section in self.sections(now, attempt):
            yield from section.samples()

    def source_samples(self) -> Iterator[Sample]:
        """Yield what is known of the sources."""
        for feed, log in zip(self.feeds, (self.model.predictions, self.model.labels), strict=False):
            yield from feed.health.counters()
            yield from feed.health.gauges()
            if feed.dead_letters is not None:
                yield from feed.dead_letters.samples()
            if log is not None:
                yield from _delivery_of(feed.health, log)
        if self.ledger.join:
            yield Sample(catalogue.PENDING_ROWS, (self.model.name, "predictions"), len(self.ledger.join.predictions))
            yield Sample(catalogue.PENDING_ROWS, (self.model.name, "labels"), len(self.ledger.join.labels))
            yield Sample(catalogue.EVICTED_PREDICTIONS, (self.model.name,), self.ledger.join.evicted)

    def keep_rejected(self) -> None:
        """From now on keep a sample of the rejected records, if the configuration says where."""
        said = self.model.dead_letters
        if said is None:
            return
        file = LetterFile(said.path, said.size, said.files)
        for feed in self.feeds:
            feed.dead_letters = feed.dead_letters or DeadLetters(
                file,
                self.model.name,
                feed.health.source,
                per_minute=said.per_minute,
            )

    def close(self) -> None:
        for feed in self.feeds:
            feed.close()

    def take_predictions(self, delivery: Delivery[Predictions], now: int) -> None:
        """Count a delivery, but for rows from before the start, late ones, and those that are there already."""
        health = self.predictions.health
        rows = self._counting(health, delivery.rows, now)
        if self.watermark.boundary is not None:
            late = self.ledger.timeline.is_late(rows.time, self.watermark.boundary)
            health.late += int(late.sum())
            rows = rows.take(~late)
        rows = _refuse(health, rows, "duplicate_id", self.ledger.duplicates(rows))
        if not len(rows):
            return
        health.delayed += int((rows.time < now - self.model.predictions.delayed_after).sum())
        newest = int(rows.time.max())
        self.prediction_backlog.observe(delivery.partition, newest)
        self.watermark.observe(delivery.partition, newest, now, delivery.place)
        mark = self.watermark.advance(now)
        assert mark is not None  # a row has been observed
        self.ledger.add_predictions(rows, mark)

    def take_labels(self, rows: Labels, now: int) -> int | None:
        """Count label lines, but for those from before the start; return the newest time among the others."""
        assert self.labels is not None  # only called while labels are read
        assert self.model.labels is not None
        health = self.labels.health
        rows = self._counting(health, rows, now)
        if not len(rows):
            return None
        health.delayed += int((rows.time < now - self.model.labels.delayed_after).sum())
        newest = int(rows.time.max())
        # Before the first prediction there are no panes that a label could belong to.
        self.ledger.add_labels(rows, self.watermark.value if self.watermark.value is not None else newest)
        return newest

    def _counting(self, health: SourceHealth, rows: R, now: int) -> R:
        """Return the rows that are not from before the start."""
        times: Ints = rows.time  # type: ignore[attr-defined]  # every kind of row has a time
        if len(rows):
            health.observe(int(times.max()), now)
        if self.start is not None:
            early = times < self.start
            health.ignored += int(early.sum())
            rows = rows.take(~early) if early.any() else rows
        return rows

    def _read_predictions(self, now: int) -> bool:
        turn = _Turn()
        while not turn.is_over:
            delivery = self.predictions.poll(now)
            if delivery is None:
                self._end_predictions(now)
                break
            self.take_predictions(delivery, now)
            self.prediction_backlog.had_turn(others_wait=delivery.others_wait)
            turn.note(delivery)
        return turn.looks > 0

    def _end_predictions(self, now: int) -> None:
        """The wall clock may move the mark on only when there is nothing that it would leave behind."""
        if self.predictions.is_at_end:
            self.prediction_backlog.drained(self.watermark.drained(now))
            self.predictions.health.lag = 0

    def _read_labels(self, now: int) -> bool:
        turn = _Turn()
        while not turn.is_over:
            delivery = self.labels.poll(now) if self.labels else None
            if delivery is None:
                self._end_labels()
                break
            newest = self.take_labels(delivery.rows, now)
            if newest is not None:
                self.label_backlog.observe(delivery.partition, newest)
            self.label_backlog.had_turn(others_wait=delivery.others_wait)
            turn.note(delivery)
        return turn.looks > 0

    def _end_labels(self) -> None:
        # A log that never brought anything may not exist yet: time does not wait for it.
        if self.labels is None or self.labels.is_at_end or not self.labels.cursor:
            self.label_backlog.drained(self.watermark.value)
        if self.labels is not None and self.labels.is_at_end:
            self.labels.health.lag = 0

    def _note_publication(self) -> None:
        """Counters are shown from when the logs were read to their ends once, or Prometheus would see them burst.

        A label log that cannot be read may be one that does not exist yet: it is not waited for.
        """
        labels_are_read = self.label_backlog.was_drained or (self.labels is not None and self.labels.is_failing)
        self.is_published |= self.prediction_backlog.was_drained and labels_are_read

    @property
    def _has_whole_windows(self) -> bool:
        """Until the first drop has been read, windows end where nothing is whole."""
        return not self.watermark.period or self.watermark.boundary is not None

    def _labels_are_behind(self) -> bool:
        newest, reached = self.predictions.health.newest, self.label_backlog.reached
        return newest is not None and (reached is None or reached < newest)

    def _of_window(self, window: Window, now: int, attempt: Attempt) -> Iterator[Sample]:
        yield from window_samples(views(self.ledger, window, now), attempt)

    def _of_no_window(self, now: int | None, attempt: Attempt) -> Iterator[Sample]:
        yield from attempt("information", partial(self._information, now))
        yield from self._counters(attempt)
        if now is not None and self._has_whole_windows:
            budgets = self.ledger.objectives.budgets
            yield from attempt("objectives", partial(objectives.budget_figures, self.layout, budgets, now))
            yield from attempt("sequential", partial(sequential.figures, self.layout, self.ledger.detector))

    def _information(self, now: int | None) -> Iterator[Sample]:
        model = self.model
        yield Sample(catalogue.MODEL_INFO, (model.name, model.task, model.info.framework, model.info.owner), 1)
        yield Sample(catalogue.MODEL_CONFIG_INFO, (model.name, model.hash), 1)
        if model.info.trained_at is not None:
            yield Sample(catalogue.MODEL_TRAINED, (model.name,), model.info.trained_at / 1e6)
        yield from references.information(self.layout, now)
        yield from objectives.information(self.layout)
        yield from limits.information(self.layout)

    def _versions(self) -> Iterator[tuple[str, Totals, objectives.Numbers]]:
        counts = self.ledger.objectives
        for code in self.ledger.versions:
            yield self.layout.versions.text(code), self.ledger.totals[code], counts.of(code)
        if not self.ledger.versions and self.model.fields.version is None:
            # The only one that there can be is known before its first row.
            yield UNKNOWN_VERSION, Totals(self.layout), counts.nothing

    def _counters(self, attempt: Attempt) -> Iterator[Sample]:
        layout, ledger = self.layout, self.ledger
        for version, totals, events in self._versions():
            for counters in COUNTERS:
                found = attempt(name_of(counters), partial(counters, layout, version, totals))
                yield from ledger.exemplars.marked(version, found)
            yield from attempt("objectives", partial(objectives.counters, layout, version, events))
        every_version = ledger.objectives.of(NO_VERSION)
        yield from attempt("objectives", partial(objectives.model_counters, layout, every_version))
        for feed in self.feeds:
            # Beside the counters of the rows, not with those of the sources, so that both grow at the same scrape.
            yield Sample(catalogue.DELAYED_ROWS, (self.model.name, feed.health.source), feed.health.delayed)
        if ledger.join:
            yield from labels.orphan_counter(layout, ledger.join.orphans)
            yield from sequential.counters(layout, ledger.detector)
        for dimension, rows in sorted(ledger.overflows().items()):
            yield Sample(catalogue.OVERFLOWING_VALUES, (self.model.name, dimension), rows)


class _Turn:
    """How much is read of a source before others have theirs: rows enough, or twice what is new in all of its files."""

    def __init__(self) -> None:
        self.looks = self._rows = self._rounds = 0

    @property
    def is_over(self) -> bool:
        return self._rows > _FEW or self._rounds >= _ROUNDS or self.looks >= _LOOKS

    def note(self, delivery: Delivery[Any]) -> None:
        self.looks += 1
        self._rows += len(delivery.rows)
        self._rounds += not delivery.others_wait


def _refuse(health: SourceHealth, rows: R, reason: str, refused: Flags) -> R:
    if not refused.any():
        return rows
    health.rejected[reason] += int(refused.sum())
    return rows.take(~refused)


def _delivery_of(health: SourceHealth, log: PredictionLog | LabelLog) -> Iterator[Sample]:
    labels = (health.model, health.source)
    yield Sample(catalogue.SOURCE_INFO, (*labels, log.format, "batch" if log.delivery else "continuous"), 1)
    if log.delivery:
        yield Sample(catalogue.SOURCE_PERIOD, labels, log.delivery / 1e6)
