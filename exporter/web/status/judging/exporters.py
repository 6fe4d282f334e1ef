"""The exporter itself: does it compute, can it save, did it take on its configuration?"""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.web.status.figures import Figures
from exporter.web.status.level import Finding, Level
from exporter.web.status.wording import many, seconds

_OLDEST_PAGE = 300.0
_OLDEST_COMMIT = 900.0
_PLACE = "exporter"


def findings(own: Figures, now: float) -> Iterator[Finding]:
    """Yield what is wrong; ``own`` are the samples that are of no model."""
    evaluated = own.value(catalogue.LAST_EVALUATION)
    if evaluated is not None and now - evaluated > _OLDEST_PAGE:
        detail = f"The figures were computed {seconds(now - evaluated)} ago."
        yield Finding(Level.CRITICAL, "The exporter does not work", detail, "MLExporterNotWorking", _PLACE)
    committed = own.value(catalogue.LAST_COMMIT)
    failed = own.value(catalogue.FAILED_COMMITS) or 0.0
    if now - committed > _OLDEST_COMMIT if committed is not None else failed:
        last = f"last saved {seconds(now - committed)} ago" if committed is not None else "not saved since the start"
        detail = f"It was {last}; {many(failed, 'attempt')} failed."
        yield Finding(Level.WARNING, "What is counted is not saved", detail, "MLStateNotSaved", _PLACE)
    for metric, what, alert in (
        (catalogue.CONFIG_RELOAD_SUCCESSFUL, "configuration", "MLConfigReloadFailed"),
        # No rule looks at this one.
        (catalogue.WEB_CONFIG_SUCCESSFUL, "web configuration", ""),
    ):
        if own.value(metric) == 0:
            detail = "The one before it is still in force; the exporter's log says what is wrong with the new one."
            yield Finding(Level.WARNING, f"The {what} was refused", detail, alert, _PLACE)
