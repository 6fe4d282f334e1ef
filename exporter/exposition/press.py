"""A page made model by model: what one needs for a moment is gone before the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from exporter.configuration.schema import Model
from exporter.exposition.page import Page
from exporter.exposition.series_limits import ALL_MODELS, Usage, even_share
from exporter.exposition.sheet import Sheet, Written
from exporter.exposition.text import page_of
from exporter.snapshot import Section


class _Contribution(NamedTuple):
    """What a model has on the page, where it might have ``allowed`` series."""

    written: Written
    allowed: int
    limit: int


class Press:
    """Makes one page after another: ``begin``, ``take`` for each model and again for those that ``unfair`` names, ``page``.

    No model has more series than its own limit and than its share of the limit of all. The share follows from what all of
    them want, so it is known when they have been taken; until then the one of the last page is held to be right, which it
    always is while there is room for all.
    """

    def __init__(self) -> None:
        self._sheets: dict[str, Sheet] = {}
        self._found: dict[str, _Contribution] = {}
        self._limit = self._share = 0

    def begin(self, limit: int) -> None:
        """Begin a page of at most ``limit`` series."""
        self._found = {}
        if limit != self._limit:
            self._limit = self._share = limit

    def take(self, model: Model, sections: Sequence[Section]) -> None:
        """Take what a model has to say. Raises as ``page_of`` does; the model is not on the page then."""
        allowed = min(model.limits.series, self._share)
        try:
            written = self._sheets.setdefault(model.name, Sheet()).write(model, sections, allowed)
        except Exception:
            self._found.pop(model.name, None)
            raise
        # One that is taken again keeps its place among the others.
        self._found[model.name] = _Contribution(written, allowed, model.limits.series)

    def forget(self, model: Model) -> None:
        """Compute what a model has to say anew the next time, whether it has changed or not."""
        self._sheets[model.name].forget()

    def unfair(self) -> frozenset[str]:
        """Settle each model's share; return the models of which too many series were taken, or too few."""
        own = [min(each.written.wanted, each.limit) for each in self._found.values()]
        self._share = even_share(own, self._limit) if sum(own) > self._limit else self._limit
        return frozenset(name for name, each in self._found.items() if self._is_unfair(each))

    def page(self) -> Page:
        """Return the page of all that was taken."""
        # What is known of a model that is gone would only take room.
        self._sheets = {name: self._sheets[name] for name in self._found}
        return page_of(chain.from_iterable(each.written.parts for each in self._found.values()))

    def usages(self) -> list[Usage]:
        """Return the usage of each model, and of all together."""
        found = [_usage(name, each) for name, each in self._found.items()]
        series, dropped = sum(usage.series for usage in found), sum(usage.dropped for usage in found)
        return [*found, Usage(ALL_MODELS, series, dropped, self._limit)]

    def _is_unfair(self, each: _Contribution) -> bool:
        allowed = min(each.limit, self._share)
        return each.allowed != allowed and each.written.wanted > min(each.allowed, allowed)


def _usage(name: str, each: _Contribution) -> Usage:
    return Usage(name, each.written.kept, each.written.wanted - each.written.kept, each.limit)
