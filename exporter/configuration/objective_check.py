"""What an objective's error budget can be watched with: which burn-rate pairs, and whether there are events enough."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import burn_rates
from exporter.burn_rates import Pair
from exporter.configuration.objectives import Slo
from exporter.durations import UNITS, format_duration

_SECOND = UNITS["s"]


def dead_pairs(slo: Slo) -> tuple[Pair, ...]:
    """Return the usual pairs of the objective's period that can never fire."""
    return tuple(pair for pair in _pairs(slo) if not burn_rates.can_fire(pair, slo.objective))


def described(pair: Pair) -> str:
    """Return a pair as people call it, such as ``14.4 over 1h and 5m``."""
    windows = " and ".join(format_duration(length * _SECOND) for length in (pair.long, pair.short))
    return f"{float(pair.factor):.4g} over {windows}"


def sentences(name: str, slo: Slo, pace: float | None) -> Iterator[str]:
    """Yield what is to be said of an objective, given the model's rows a second (None: nobody knows)."""
    about = f"slo {name}"
    if not _pairs(slo):
        yield f"{about}: a period of {slo.period_name} is too short for the usual burn-rate pairs"
        return
    dead = dead_pairs(slo)
    if dead:
        yield f"{about}: not even if every event is bad fires a burn rate of {' or '.join(map(described, dead))}"
    alive = [pair for pair in _pairs(slo) if pair not in dead]
    needs = ", ".join(
        f"{burn_rates.events_needed(pair, slo.objective)} in {format_duration(pair.long * _SECOND)}" for pair in alive
    )
    if needs:
        yield f"{about}: lest one bad event alone fires a burn rate, there have to be {needs}"
    for pair in alive:
        yield from _too_few(about, slo, pair, pace)


def _too_few(about: str, slo: Slo, pair: Pair, pace: float | None) -> Iterator[str]:
    events = _events_a_second(slo, pace)
    if events is not None and events * pair.long < burn_rates.events_needed(pair, slo.objective):
        count = f"about {events * pair.long:.3g} events come in {format_duration(pair.long * _SECOND)}"
        yield f"{about}: {count}, so one bad event alone fires the burn rate {described(pair)}"


def _events_a_second(slo: Slo, pace: float | None) -> float | None:
    """Return how many events there are a second, at most: not every prediction may have a label, or a request a latency."""
    if slo.throughput is not None:
        return _SECOND / slo.throughput.every
    # What the numbers of a record are is not known.
    return pace if slo.ratio is None else None


def _pairs(slo: Slo) -> tuple[Pair, ...]:
    return burn_rates.pairs(slo.nominal_period)
