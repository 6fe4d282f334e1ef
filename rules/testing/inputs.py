"""Input series in promtool's notation: gauges that jump between levels, counters that grow and start again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from exporter.catalogue import Metric

GONE: Final = None
"""No sample, as of a figure that has nothing to say, or of a target that is gone: a scrape without a series ends it."""
RESET: Final = "reset"
"""Of a counter: its process starts again."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its metric's name, samples in promtool's notation, and labels without those that every case adds."""

    metric: str
    samples: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def text(self, common: Mapping[str, str]) -> str:
        """Return the selector of the series; its own labels win over the common ones, and an empty one is no label.

        >>> Series("up", "1x5", {"zone": "a", "owner": ""}).text({"job": "x", "owner": "me"})
        'up{job="x",zone="a"}'
        """
        labels = {name: value for name, value in {**common, **self.labels}.items() if value}
        return self.metric + "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def series(metric: Metric | str, samples: str, /, *, suffix: str = "", **labels: str) -> Series:
    name = metric if isinstance(metric, str) else metric.name
    return Series(name + suffix, samples, labels)


def level(*phases: tuple[int, float | None]) -> str:
    """Return a gauge's samples: of each phase how many, and their value or ``GONE``.

    >>> level((2, GONE), (3, 1), (1, 0.5), (4, GONE), (1, 2))
    '_x2 1x2 0.5 stale _x3 2'
    """
    pieces: list[str] = []
    for count, value in phases:
        if value is None and pieces and count:
            pieces += ["stale", *([f"_x{count - 1}"] if count > 1 else [])]
        elif count:
            pieces.append(f"_x{count}" if value is None else _repeated(value, count))
    return " ".join(pieces)


def _repeated(value: float, count: int) -> str:
    return f"{value:.15g}" if count == 1 else f"{value:.15g}x{count - 1}"


def during(start: int, end: int, inside: float | None, outside: float | None, last: int) -> str:
    """Return a gauge's samples from 0 to ``last``: one value from ``start`` until just before ``end``, another around it.

    >>> during(3, 5, 1, 0, 9)
    '0x2 1x1 0x4'
    """
    return level((start, outside), (end - start, inside), (last + 1 - end, outside))


def constant(value: float, last: int) -> str:
    """Return a gauge's samples from 0 to ``last``, all the same."""
    return level((last + 1, value))


def count(*phases: tuple[int, float | None] | str) -> str:
    """Return a counter's samples: of each phase how many, and by how much each is above the one before.

    promtool adds up: a step that binary cannot hold would end a little above where the next phase begins, which is a
    reset. So it has to be a multiple of 1/64; ValueError if it is not.

    >>> count((3, 2), (2, 0), RESET, (2, 1), (4, GONE))
    '2+2x2 6+0x1 1+1x1 stale _x3'
    """
    pieces: list[str] = []
    total = 0.0
    for phase in phases:
        if isinstance(phase, str):
            total = 0.0
            continue
        samples, step = phase
        if step is None:
            pieces.append(f"stale _x{samples - 1}" if pieces else f"_x{samples}")
        elif step * 64 % 1:
            raise ValueError(f"a step of {step} is no multiple of 1/64")
        else:
            pieces.append(f"{total + step:.15g}+{step:.15g}x{samples - 1}")
            total += samples * step
    return " ".join(pieces)


def clock(*phases: tuple[int, bool], step: int = 60, start: int = 0) -> str:
    """Return the samples of a time stamp: in each phase it follows the clock, or stands still.

    >>> clock((3, True), (2, False), (2, True))
    '0+60x2 120x1 300+60x1'
    """
    pieces, now, shown = [], start, start
    for samples, runs in phases:
        if runs:
            pieces.append(f"{now}+{step}x{samples - 1}")
            shown = now + step * (samples - 1)
        else:
            pieces.append(level((samples, shown)))
        now += step * samples
    return " ".join(pieces)
