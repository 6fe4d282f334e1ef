"""Which of a prediction's label lines counts, what changes when new lines come, and what settles.

Lines are given in any order, each with the position of its prediction. All answers depend on the set of lines
alone: ties between equal times go to the greatest value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exporter.counting.layout import CORRECTED, DUPLICATE, JOINED
from exporter.rows.record import Codes, Flags, Floats, Hashes, Ints

Positions = NDArray[np.intp]


class Pairs:
    """Label lines with a ``time`` and a ``value``, each of a ``prediction``, some of them ``new`` (all: (n,))."""

    def __init__(self, prediction: Positions, time: Ints, value: Floats, new: Flags) -> None:
        self.prediction = prediction
        self.time = time
        self.value = value
        self.new = new
        self._size = int(prediction.max(initial=-1)) + 1
        # As nearly always: a line for each prediction, and these in order, so that nothing has to be sorted.
        self._is_single = bool((prediction[1:] > prediction[:-1]).all())

    def outcomes(self) -> Codes:
        """Return what each line (n,) that is new is to its prediction."""
        found = np.full(len(self.new), JOINED if self._is_single else DUPLICATE, np.int32)
        if not self._is_single:
            found[self._new_values()] = CORRECTED
            found[self._first_lines()] = JOINED
        return found

    def winners(self) -> Positions:
        """Return the line that counts for each prediction."""
        everything = np.arange(len(self.new))
        return everything if self._is_single else self._winners(everything)

    def changes(self) -> tuple[Positions, Positions, Flags]:
        """Return the lines that stop and that begin to count, and which of the latter take no other's place."""
        if self._is_single:
            gained = np.flatnonzero(self.new)
            return np.empty(0, np.intp), gained, np.ones(len(gained), dtype=bool)
        after = self.winners()
        before = self._winners(np.flatnonzero(~self.new))
        previous = np.full(self._size, -1, np.intp)
        previous[self.prediction[before]] = before
        old = previous[self.prediction[after]]
        changed = (old < 0) | (self.value[old] != self.value[after])
        gained, lost = after[changed], old[changed]
        return lost[lost >= 0], gained, lost < 0

    def settled(self, moments: Ints) -> Positions:
        """Return the line that each prediction settles with: the one that counted at its moment, else its first one.

        ``moments`` (n,) is, for each line, when its prediction settles.
        """
        if self._is_single:
            return self.winners()
        late = self.time > moments
        # Lines up to the moment come after the late ones; of these, the first comes last.
        return self._last(np.lexsort((self.value, np.where(late, -self.time, self.time), ~late, self.prediction)))

    def _new_values(self) -> Positions:
        """Return one line for each value that its prediction did not have."""
        order = np.lexsort((self.new, self.value, self.prediction))
        prediction, value = self.prediction[order], self.value[order]
        first = order[_edges((prediction[1:] != prediction[:-1]) | (value[1:] != value[:-1]), len(order))]
        return first[self.new[first]]

    def _first_lines(self) -> Positions:
        """Return one line, of the least value, for each prediction that had none."""
        had_old = np.zeros(self._size, dtype=bool)
        had_old[self.prediction[~self.new]] = True
        order = np.lexsort((self.value, self.prediction))
        prediction = self.prediction[order]
        first = order[_edges(prediction[1:] != prediction[:-1], len(order))]
        return first[~had_old[self.prediction[first]]]

    def _winners(self, among: Positions) -> Positions:
        """Return the line that counts for each prediction: the latest, of equals the greatest value."""
        order = np.lexsort((self.value[among], self.time[among], self.prediction[among]))
        return self._last(among[order])

    def _last(self, order: Positions) -> Positions:
        """Return the last line of each prediction, given lines ordered by prediction."""
        prediction = self.prediction[order]
        return order[_edges(prediction[:-1] != prediction[1:], len(order), last=True)]


def _edges(changes: Flags, size: int, *, last: bool = False) -> Flags:
    """Mark the first (or ``last``) element of each run, given where neighbours differ."""
    edge = np.ones(min(size, 1), dtype=bool)
    return np.concatenate((changes, edge) if last else (edge, changes))


def distinct(keys: Hashes) -> tuple[Hashes, Positions]:
    """Return keys in order (n,) without repetitions (m,), and where each begins, and behind them where the last ends."""
    changes = keys[1:] != keys[:-1]
    if changes.all():
        return keys, np.arange(len(keys) + 1)
    bounds = np.append(np.flatnonzero(_edges(changes, len(keys))), len(keys))
    return keys[bounds[:-1]], bounds


def pair_up(found: Positions, bounds: Positions) -> tuple[Positions, Positions]:
    """Pair match i, of query ``found[i]``, with every line of that query: those from its bound to the next one.

    Returns (m,) positions of matches and (m,) of lines.

    >>> match, line = pair_up(np.array([1, 1]), np.array([0, 1, 3]))
    >>> match.tolist(), line.tolist()
    ([0, 0, 1, 1], [1, 2, 1, 2])
    """
    starts = bounds[found]
    widths = bounds[found + 1] - starts
    if (widths == 1).all():
        return np.arange(len(found)), starts
    match = np.repeat(np.arange(len(found)), widths)
    offsets = np.arange(len(match)) - np.repeat(np.cumsum(widths) - widths, widths)
    return match, starts[match] + offsets


def places_of(flags: Flags) -> Positions | slice:
    """Return where flags are set; of all of them a slice, since that takes nothing apart."""
    return slice(None) if flags.all() else np.flatnonzero(flags)
