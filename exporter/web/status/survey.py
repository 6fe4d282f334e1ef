"""What is known of every model at one moment: figures, what is wrong with them, and why some are not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from exporter import catalogue
from exporter.exposition.page import NOTHING, Page
from exporter.exposition.reading import samples_of
from exporter.snapshot import Sample
from exporter.web.status.figures import OF_VERSIONS, READ, Figures
from exporter.web.status.judging import data_quality, drift, exporters, logs, model, objectives, quality, traffic
from exporter.web.status.level import Finding, Level, worst
from exporter.web.status.wording import many


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How a model is. ``blank`` says in words why there is nothing to judge, where there is nothing."""

    name: str
    figures: Figures
    columns: list[drift.ColumnDrift]
    checks: dict[str, list[data_quality.Check]]
    findings: list[Finding]
    blank: str

    @property
    def level(self) -> Level:
        return max(worst(self.findings), Level.UNKNOWN if self.blank else Level.WELL)

    @property
    def reassurance(self) -> str:
        """What is said of a model without findings: no more than is known."""
        if self.blank:
            return self.blank
        unknown = []
        unjudged = sum(column.multiple is None for column in self.features)
        if all(column.multiple is None for column in self.columns):
            unknown.append("drift")
        elif unjudged:
            unknown.append(f"drift of {many(unjudged, 'feature')}")
        if not self.figures.table(catalogue.QUALITY_THRESHOLD):
            unknown.append("quality")
        if not unknown:
            return "Nothing is wrong at present."
        return f"Nothing is wrong in what is judged; {' and '.join(unknown)} {'are' if len(unknown) > 1 else 'is'} not, so far."

    @property
    def features(self) -> list[drift.ColumnDrift]:
        return [column for column in self.columns if column.kind == "data"]


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to look at: the published page (None: none, or too old a one), the worker's samples, and when it is."""

    page: Page | None
    own: Sequence[Sample]
    now: float

    def exporter(self) -> Figures:
        """Return the samples that are of no model."""
        return Figures("", (sample for sample in self.own if _model_of(sample) == ""))

    def model(self, name: str) -> ModelStatus:
        """Return how a model is."""
        of_page = samples_of(self.page or NOTHING, name, READ, OF_VERSIONS)
        figures = Figures(name, (*of_page, *(sample for sample in self.own if _model_of(sample) == name)))
        columns, checks = drift.drift_of(figures), data_quality.checks_of(figures)
        found = list(self._findings(figures, columns, checks))
        found.sort(key=lambda finding: -finding.level)
        return ModelStatus(name, figures, columns, checks, found, self._blank(figures, columns))

    def _findings(
        self, figures: Figures, columns: list[drift.ColumnDrift], checks: dict[str, list[data_quality.Check]]
    ) -> Iterable[Finding]:
        yield from model.findings(figures, self.now)
        if model.is_set_aside(figures):
            return
        yield from logs.findings(figures, self.now)
        yield from traffic.findings(figures)
        yield from quality.findings(figures)
        yield from objectives.findings(figures)
        yield from drift.findings(figures, columns)
        yield from data_quality.findings(each for group in checks.values() for each in group)

    def _blank(self, figures: Figures, columns: list[drift.ColumnDrift]) -> str:
        if self.page is None:
            if self.exporter().value(catalogue.LAST_EVALUATION) is None:
                return "The exporter is reading the logs; the first figures come when it has read them."
            return "The exporter's figures are too old to be shown: it hangs, or has more to do than it can."
        return _why_nothing_is_judged(figures, columns)


def _why_nothing_is_judged(figures: Figures, columns: list[drift.ColumnDrift]) -> str:
    if model.is_set_aside(figures):
        return "The model is set aside, so it has no figures."
    if not figures.table(catalogue.MODEL_INFO):
        return "The last evaluation did not come to this model; the next one will."
    if not figures.table(catalogue.WINDOW_REQUESTS):
        return "No record is in any of its windows yet."
    if any(column.multiple is not None for column in columns) or figures.table(catalogue.QUALITY_THRESHOLD):
        return ""
    return "Too few rows: no window that has thresholds is whole and has enough of them to be judged."


def survey_of_exporter(moment: Moment) -> tuple[Figures, list[Finding]]:
    """Return the exporter's own figures, and what is wrong with it."""
    own = moment.exporter()
    return own, list(exporters.findings(own, moment.now))


def _model_of(sample: Sample) -> str:
    return sample.labels[0] if sample.metric.labels[:1] == ("model_name",) else ""
