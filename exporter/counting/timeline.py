"""How event time is cut into panes.

Each window w has a step s: its end is floored to s, so its start lies on the same grid. Rows younger than
the shortest window lie in panes of the shortest step, rows younger than the next window in panes of the next
step, and so on; what is older than every window lies in one pane without limits when the window ``all`` is
configured, and nowhere otherwise. Steps nest, so panes only ever merge, and about sixty panes a window hold
everything, however long the history or however many the rows.

A window with a previous one reaches back two lengths on its own step. A longer window of a coarser step may begin in
between: its panes then begin where the finer ones end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

# The start of the pane that holds everything older than the longest window; its step is 0.
BEGINNING = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Level:
    """Rows up to ``length`` old (microseconds) lie in panes of ``step``."""

    length: int
    step: int


class Timeline:
    """Cuts time into panes for windows that reach back to ``levels``, as seen from a moment ``now`` in event time.

    A level's step divides its length and each coarser level's step. ``endless`` keeps one more pane for everything
    before them.
    """

    def __init__(self, levels: Sequence[Level], *, endless: bool = False) -> None:
        self._windows = tuple(levels)
        self.levels = _nested(levels)
        self.endless = endless

    @property
    def panes_at_most(self) -> int:
        """How many panes there can be for one version, apart from rows ahead of event time.

        A level's panes reach from where the shorter level's end, on its grid, to its own limit, which lies on the
        next level's grid. One more pane is the one in which ``now`` lies.
        """
        shorter = [0, *(level.length for level in self.levels)]
        spans = zip(self.levels, shorter, self._coarser_steps(), strict=False)
        panes = sum(
            level.length // level.step - length // level.step + coarser // level.step - 1
            for level, length, coarser in spans
        )
        return panes + bool(self.levels) + self.endless

    def limits(self, now: int) -> list[int]:
        """Return, for each level, the earliest time that lies in its panes (falling from level to level)."""
        starts = (_floored(now, level.step) - level.length for level in self.levels)
        return [_floored(start, coarser) for start, coarser in zip(starts, self._coarser_steps(), strict=True)]

    def panes(self, times: Times, now: int) -> tuple[Times, Times]:
        """Return the start (n,) and step (n,) of the pane of each time; step -1 where there is none."""
        ages = np.searchsorted(-np.array(self.limits(now), dtype=np.int64), -times, side="left")
        steps = np.array([level.step for level in self.levels] + [1], dtype=np.int64)[ages]
        starts = times // steps * steps
        beyond = ages == len(self.levels)
        starts[beyond] = BEGINNING
        steps[beyond] = 0 if self.endless else -1
        return starts, steps

    def is_late(self, times: Times, now: int) -> NDArray[np.bool_]:
        """Say which times lie before every window. Without windows of time there is nothing to be late for."""
        if self.endless or not self._windows:
            return np.zeros(len(times), dtype=bool)
        late: NDArray[np.bool_] = times < min(_floored(now, level.step) - level.length for level in self._windows)
        return late

    def _coarser_steps(self) -> list[int]:
        """Return, for each level, the step of the next one; the last level has its own."""
        steps = [level.step for level in self.levels]
        return [*steps[1:], *steps[-1:]]


def _nested(levels: Sequence[Level]) -> list[Level]:
    """Return the levels from fine to coarse, each reaching at least as far back as the one before it."""
    nested: list[Level] = []
    for level in sorted(levels, key=lambda level: (level.step, level.length)):
        finer = nested[-1].length if nested else 0
        # Up to its own grid: a pane must not reach beyond its level.
        nested.append(Level(max(level.length, -(-finer // level.step) * level.step), level.step))
    return nested


def _floored(time: int, step: int) -> int:
    return time // step * step
