"""About the model itself: is it at work, how old is it, what is it compared with, does it have room?"""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level, of_severity
from exporter.web.status.wording import many, seconds

_NEARLY_FULL = 0.9


def is_set_aside(figures: Figures) -> bool:
    return figures.value(catalogue.MODEL_UP) == 0


def findings(figures: Figures, now: float) -> Iterator[Finding]:
    if is_set_aside(figures):
        failures = figures.value(catalogue.MODEL_FAILURES) or 0.0
        detail = (
            f"The exporter does without it after an error that nobody expected ({many(failures, 'time')} so far), and starts"
            " it again from what was saved. The exporter's log has the error."
        )
        yield Finding(Level.CRITICAL, "The model is set aside", detail, "MLModelSetAside", "sources")
        return
    yield from _age(figures, now)
    yield from _reference(figures)
    yield from _series(figures)


def _age(figures: Figures, now: float) -> Iterator[Finding]:
    trained = figures.value(catalogue.MODEL_TRAINED)
    if not trained or trained <= 0:
        return
    limits = figures.limits("model_age")
    over = [of_severity(name) for name in ("info", "warning") if name in limits and now - trained > limits[name]]
    if over:
        detail = f"It was trained {seconds(now - trained)} ago; its limit is {seconds(limits[max(over).key])}."
        yield Finding(max(over), "The model is old", detail, "MLModelStale", "about")


def _reference(figures: Figures) -> Iterator[Finding]:
    if figures.table(catalogue.MODEL_INFO) and not figures.table(catalogue.REFERENCE_ROWS):
        detail = "Nothing is known of how its data should look: drift and falling quality cannot be judged."
        yield Finding(Level.WARNING, "There is no reference", detail, "MLReferenceMissing", "drift")


def _series(figures: Figures) -> Iterator[Finding]:
    dropped = figures.value(catalogue.DROPPED_SERIES)
    series, limit = figures.value(catalogue.SERIES), figures.value(catalogue.SERIES_LIMIT)
    if dropped:
        detail = f"{many(dropped, 'series', 'series')} are left out, of the figures on this page among others."
        yield Finding(Level.WARNING, "The limit on series is reached", detail, "MLSeriesLimit", "about")
    elif series and limit and series / limit > _NEARLY_FULL:
        detail = f"{many(series, 'series', 'series')} of {many(limit, '', '').strip()} that it may have."
        yield Finding(Level.WARNING, "The limit on series is near", detail, "MLSeriesLimit", "about")
