"""What would mend a configuration that does not fit its log: guesses, for a person to judge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from exporter.decoders.columns import PER_SECOND

EMPTY = '""'


def place_of_features(absent: Sequence[str], keys: Collection[str]) -> str | None:
    """Say where features might be that are not where they should be; ``keys`` are paths in the log's records.

    >>> place_of_features(["age", "plan"], {"id", "inputs.age", "inputs.plan"})
    'try fields.features: inputs'
    >>> place_of_features(["age", "plan"], {"user.age", "cart.plan"})
    'try features: {age: {path: user.age}, plan: {path: cart.plan}}'
    """
    places = {name: found for name in absent if (found := _only(_ending(name, keys)))}
    if not places:
        return None
    parents = {place.removesuffix(name).removesuffix(".") for name, place in places.items()}
    if len(parents) == 1 and len(places) == len(absent):
        return f"try fields.features: {parents.pop() or EMPTY}"
    stated = ", ".join(f"{name}: {{path: {place}}}" for name, place in places.items())
    return f"try features: {{{stated}}}"


def likelier_time_format(stated: str, time: float, earliest: float, latest: float) -> str | None:
    """Return the unit in which a time is no nonsense; times in microseconds, ``time`` as read in the ``stated`` format.

    >>> likelier_time_format("epoch_ms", 1_767_225_600e3, 0.3e15, 2e15)
    'epoch_s'
    """
    if stated not in PER_SECOND:
        return None
    written = time / PER_SECOND[stated]
    return next((name for name, unit in PER_SECOND.items() if earliest <= written * unit <= latest), None)


def _ending(name: str, keys: Collection[str]) -> Iterator[str]:
    return (key for key in sorted(keys) if key == name or key.endswith(f".{name}"))


def _only(found: Iterator[str]) -> str | None:
    """Return what is found if it is the only one: of several, each could be meant."""
    first = next(found, None)
    return first if next(found, None) is None else None
