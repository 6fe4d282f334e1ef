"""What is linted: a configuration, and what it has to agree with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from alertmanager.emitted import Emitted
from alertmanager.lint.source import Source
from alertmanager.simulation.cases import Case
from alertmanager.simulation.invariants import Pair, muting_pairs
from alertmanager.simulation.server import Server
from alertmanager.simulation.tree import Place, Route


@dataclass(eq=False)
class Material:
    """``templates`` are the files of messages by name; ``target`` is the oldest version, ``now`` aware; ``retention`` and
    ``heartbeat_timeout`` are seconds; ``cases`` None: there are none to agree with; ``amtool`` is the program, if it is there."""

    source: Source
    alerts: Sequence[Emitted]
    templates: Mapping[str, str]
    now: datetime
    moments: Sequence[datetime]
    cases: Sequence[Case] | None = None
    target: tuple[int, int] = (0, 25)
    retention: float = 120 * 3600.0
    heartbeat_timeout: float = 300.0
    amtool: str | None = None

    @property
    def document(self) -> Mapping[str, Any]:
        return self.source.document

    @cached_property
    def server(self) -> Server:
        return Server(self.document)

    @cached_property
    def routes(self) -> list[Route]:
        return list(self.server.tree.walk())

    @cached_property
    def muting(self) -> list[Pair]:
        """Who can mute whom."""
        return list(muting_pairs(self.server, self.alerts))

    def raw_routes(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        """Yield the routes as they are written, with their places."""
        yield from _routes(("route",), self.document.get("route"))

    def receivers(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        yield from _items(("receivers",), self.document.get("receivers"))

    def integrations(self) -> Iterator[tuple[Place, str, Mapping[str, Any]]]:
        """Yield what receivers do, with its kind, such as ``slack``."""
        for place, receiver in self.receivers():
            for key, several in receiver.items():
                if key.endswith("_configs"):
                    for where, one in _items((*place, key), several):
                        yield where, key.removesuffix("_configs"), one

    def inhibitions(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        yield from _items(("inhibit_rules",), self.document.get("inhibit_rules"))

    def intervals(self) -> Iterator[tuple[Place, Mapping[str, Any]]]:
        for key in ("time_intervals", "mute_time_intervals"):
            yield from _items((key,), self.document.get(key))

    @cached_property
    def labels(self) -> Mapping[str, frozenset[str] | None]:
        """All labels that some alert has, with their values; None where those are not known."""
        found: dict[str, frozenset[str] | None] = {}
        for alert in self.alerts:
            for label in alert.possible:
                values, before = alert.values.get(label), found.get(label, frozenset())
                found[label] = None if values is None or before is None else before | values
        return found

    @cached_property
    def annotations(self) -> frozenset[str]:
        return frozenset(name for alert in self.alerts for name in alert.annotations)


def _items(place: Place, values: Any) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for number, each in enumerate(values if isinstance(values, list) else ()):
        if isinstance(each, dict):
            yield (*place, number), each


def _routes(place: Place, data: Any) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    if isinstance(data, dict):
        yield place, data
        children = data.get("routes")
        for number, each in enumerate(children if isinstance(children, list) else ()):
            yield from _routes((*place, "routes", number), each)


def texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield all texts within a part of the document."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from texts(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from texts(each, (*place, number))
