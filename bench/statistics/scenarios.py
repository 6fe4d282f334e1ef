"""Windows that have drifted or have not, the same for everybody. Needs NumPy only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Random = np.random.Generator
Values = NDArray[Any]

REFERENCE_ROWS = 5_000
SIZES = (50, 200, 1_000, 5_000)
CATEGORIES = (2, 5, 20, 100)
_SEED = 20_260


class Scenario(NamedTuple):
    """A distribution, what has become of it in the windows ("none": nothing), and the rows of both."""

    distribution: str
    effect: str
    reference_rows: int
    rows: int

    @property
    def name(self) -> str:
        return f"{self.distribution} {self.effect} {self.reference_rows}/{self.rows}"


def _categories(count: int) -> Callable[[Random, int], Values]:
    shares = 1 / np.arange(1, count + 1)
    texts = np.array([f"level {i}" for i in range(count)])

    def draw(random: Random, rows: int) -> Values:
        return texts[random.choice(count, rows, p=shares / shares.sum())]

    return draw


DISTRIBUTIONS: dict[str, Callable[[Random, int], Values]] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "lognormal": lambda random, rows: random.lognormal(size=rows),
    # Half of all values are 0, the others are rounded to tenths.
    "ties": lambda random, rows: np.where(random.random(rows) < 0.5, 0.0, random.normal(size=rows).round(1)),
    **{f"{count} categories": _categories(count) for count in CATEGORIES},
}
# On normal data, in standard deviations.
EFFECTS: dict[str, Callable[[Random, Values], Values]] = {
    "none": lambda _, values: values,
    "mean +0.2": lambda _, values: values + 0.2,
    "spread x1.3": lambda _, values: values * 1.3,
    "5% +3": lambda random, values: values + 3.0 * (random.random(len(values)) < 0.05),
    "1% +50": lambda random, values: values + 50.0 * (random.random(len(values)) < 0.01),
}

FALSE_ALARMS = tuple(Scenario(name, "none", REFERENCE_ROWS, rows) for rows in SIZES for name in DISTRIBUTIONS)
POWER = tuple(Scenario("normal", effect, rows, rows) for rows in (1_000, 5_000) for effect in EFFECTS)
SCENARIOS = (*FALSE_ALARMS, *POWER)


def pairs(scenario: Scenario, repetitions: int) -> Iterator[tuple[Values, Values]]:
    """Yield reference and window, both drawn anew each time; the same for everybody."""
    place = SCENARIOS.index(scenario)
    draw, effect = DISTRIBUTIONS[scenario.distribution], EFFECTS[scenario.effect]
    for repetition in range(repetitions):
        random = np.random.default_rng((_SEED, place, repetition))
        reference = draw(random, scenario.reference_rows)
        yield reference, effect(random, draw(random, scenario.rows))
