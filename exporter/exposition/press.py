"""A page made model by model: the samples of one are gone before those of the next are there.

A sample takes many times the bytes of its value. Of all models at once they left the memory in pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from exporter.configuration.schema import Model
from exporter.exposition.page import Page
from exporter.exposition.series_limits import ALL_MODELS, Usage, even_share, series_of, without_the_least_important
from exporter.exposition.text import Part, Renderer, page_of
from exporter.snapshot import Sample, snapshot_of


class _Contribution(NamedTuple):
    """What a model has on the page: ``kept`` of its ``wanted`` series, of which it might have ``allowed``."""

    part: Part
    wanted: int
    kept: int
    allowed: int
    limit: int


class Press:
    """Makes one page after another: ``begin``, ``take`` for each model and again for those that ``unfair`` names, ``page``.

    No model has more series than its own limit and than its share of the limit of all. The share follows from what all of
    them want, so it is known when they have been taken; until then the one of the last page is held to be right, which it
    always is while there is room for all.
    """

    def __init__(self) -> None:
        self._renderers: dict[str, Renderer] = {}
        self._found: dict[str, _Contribution] = {}
        self._limit = self._share = 0

    def begin(self, limit: int) -> None:
        """Begin a page of at most ``limit`` series."""
        self._found = {}
        if limit != self._limit:
            self._limit = self._share = limit

    def take(self, model: Model, samples: Sequence[Sample]) -> None:
        """Take what a model has to say. Raises as ``Renderer.part`` does; the model is not on the page then."""
        allowed = min(model.limits.series, self._share)
        stay = without_the_least_important(model, samples, allowed)
        try:
            part = self._renderers.setdefault(model.name, Renderer()).part(snapshot_of(stay))
        except Exception:
            self._found.pop(model.name, None)
            raise
        # One that is taken again keeps its place among the others.
        self._found[model.name] = _Contribution(part, series_of(samples), series_of(stay), allowed, model.limits.series)

    def unfair(self) -> frozenset[str]:
        """Settle each model's share; return the models of which too many series were taken, or too few."""
        own = [min(each.wanted, each.limit) for each in self._found.values()]
        self._share = even_share(own, self._limit) if sum(own) > self._limit else self._limit
        return frozenset(name for name, each in self._found.items() if self._is_unfair(each))

    def page(self) -> Page:
        """Return the page of all that was taken."""
        # What is known of a model that is gone would only take room.
        self._renderers = {name: self._renderers[name] for name in self._found}
        return page_of(each.part for each in self._found.values())

    def usages(self) -> list[Usage]:
        """Return the usage of each model, and of all together."""
        found = [Usage(name, each.kept, each.wanted - each.kept, each.limit) for name, each in self._found.items()]
        series, dropped = sum(usage.series for usage in found), sum(usage.dropped for usage in found)
        return [*found, Usage(ALL_MODELS, series, dropped, self._limit)]

    def _is_unfair(self, each: _Contribution) -> bool:
        allowed = min(each.limit, self._share)
        return each.allowed != allowed and each.wanted > min(each.allowed, allowed)
