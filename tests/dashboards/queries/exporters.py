"""The real exporter beside logs that grow, in simulated time: what scrapes of it would have found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from exporter import catalogue
from exporter.capture.profiles import profile_of
from exporter.configuration import load
from exporter.exposition.process import process_samples
from exporter.exposition.text import Renderer
from exporter.pipeline import Pipeline
from exporter.service.app import App
from exporter.state.database import State
from tests.dashboards.queries.timeline import EVALUATIONS, SCRAPES
from tests.end_to_end.alerting.replay import SECOND, Log, Series

# Of a page that is repeated: an exporter that computes oftener would say so.
_MOVING = tuple(
    metric.name
    for metric in (
        catalogue.LAST_EVALUATION,
        catalogue.LAST_COMMIT,
        catalogue.NEWEST_EVENT,
        catalogue.SOURCE_LAST_SUCCESS,
    )
)
_CORES, _MEMORY = 0.02, 90_000_000


class Exporter:
    """``until`` is when it vanishes."""

    def __init__(self, config: Path, job: str, instance: str, until: float = float("inf")) -> None:
        self.config = config
        self.labels = f'job="{job}",instance="{instance}"'
        self._until = until
        self._app: App | None = None
        self._now = self._since = self._computed = 0.0
        self._page: list[tuple[str, str]] = []

    def start(self, now: float) -> None:
        """Start, or start anew with what the configuration says now."""
        self.stop()
        self._now = self._since = now
        configuration = load(self.config).configuration
        self._state = State(self.config.parent / f"{self.config.stem}-state")
        self._app = App(configuration, self._state, lambda: round(self._now * SECOND))
        for model in configuration.models.values():
            self._app.add(Pipeline(model, profile_of(model, None), 1))

    def stop(self) -> None:
        if self._app is not None:
            self._app.commit()
            self._app.close()
            self._state.close()
            self._app = None

    def work(self, now: float) -> None:
        assert self._app is not None
        self._now = self._computed = now
        while self._app.step():
            pass
        self._app.commit()
        self._app.evaluate()
        self._app.step()  # after which it says when it did both
        page = (self._app.body() or b"") + Renderer().render(self._app.own())
        self._page = [tuple(line.rsplit(" ", 1)) for line in page.decode().splitlines() if line.startswith("ml_")]  # type: ignore[misc]

    def scrape(self, now: float) -> Iterator[tuple[str, str]]:
        """Yield series, as a server names them, with their values; of one that is gone, only that."""
        yield f"up{{{self.labels}}}", "1" if now < self._until else "0"
        if now >= self._until:
            return
        for series, value in self._page:
            name, _, labels = series.partition("{")
            moved = repr(float(value) + now - self._computed) if name in _MOVING else value
            yield f"{name}{{{self.labels},{labels}" if labels else f"{name}{{{self.labels}}}", moved
        for name, value in self._process(now).items():
            yield f"{name}{{{self.labels}}}", value

    def _process(self, now: float) -> dict[str, str]:
        """Return what the page says of its process; what the operating system says here is of these tests."""
        said = {
            "process_cpu_seconds_total": repr(_CORES * (now - self._since)),
            "process_resident_memory_bytes": str(_MEMORY),
            "process_start_time_seconds": repr(self._since),
        }
        assert said.keys() <= {sample.metric.name for sample in process_samples()}
        return said


def watched(
    exporters: Sequence[Exporter], logs: Sequence[Log], restarts: Mapping[float, tuple[Exporter, str]]
) -> Series:
    """Return what all scrapes found. ``restarts`` say when which exporter is started anew, with which configuration."""
    found: Series = defaultdict(list)
    for each in exporters:
        each.start(SCRAPES[0] - 1)
    for now in SCRAPES:
        if again := restarts.get(now):
            exporter, configuration = again
            exporter.config.write_text(configuration)
            exporter.start(now)
        if now in EVALUATIONS:
            for log in logs:
                log.write_until(now)
            for each in exporters:
                each.work(now)
        for each in exporters:
            for series, value in each.scrape(now):
                found[series].append((now, value))
    for each in exporters:
        each.stop()
    for log in logs:
        log.close()
    return found


def replicated(found: Series, since: float, one: str, other: str) -> Series:
    """Return what a second exporter of the same logs says, a scrape behind the first."""
    copies: Series = {}
    for series, points in found.items():
        if f'instance="{one}"' in series:
            late = [(now, value) for (_, value), (now, _) in pairwise(points) if now >= since]
            copies[series.replace(f'instance="{one}"', f'instance="{other}"')] = late
    return copies


def merged(parts: Iterable[Series]) -> Series:
    return {series: points for part in parts for series, points in part.items() if points}
