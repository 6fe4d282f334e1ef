"""What one model has on the page, section by section: a section that is as it was is neither computed nor written again.

A sample takes many times the bytes of its value, so of each section nothing is kept but its lines, which the page has
anyway; and the samples of one section are gone before those of the next are there.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import chain
from typing import NamedTuple

from exporter.configuration.schema import Model
from exporter.exposition.series_limits import series_of, without_the_least_important
from exporter.exposition.text import Part, Renderer, families_of
from exporter.snapshot import UNKNOWN, Section, snapshot_of


class Written(NamedTuple):
    """What was written of a model: ``kept`` of its ``wanted`` series."""

    parts: Sequence[Part]
    wanted: int
    kept: int


class _Known(NamedTuple):
    """A section as it is on the page, and for as long as its ``state`` is the same."""

    state: Hashable
    part: Part
    series: int


class Sheet:
    """Writes one model's sections, again and again."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._renderers: dict[str, Renderer] = {}
        self._of_all = Renderer()
        # Of one that wants too much everything has to be known before it can be said what has to go.
        self._wants_too_much = False

    def write(self, model: Model, sections: Sequence[Section], allowed: int) -> Written:
        """Write sections, leaving out the least important series of more than ``allowed``. Raises as ``page_of`` does."""
        if not self._wants_too_much:
            known = {section.name: self._section(section) for section in sections}
            wanted = sum(each.series for each in known.values())
            if wanted <= allowed:
                parts = [each.part for each in known.values()]
                # Two sections with a series in common are this model's affair alone: it must not come out in the page of all.
                families_of(parts)
                # What is known of a window that is gone would only take room.
                self._known, self._of_all = known, Renderer()
                self._renderers = {name: each for name, each in self._renderers.items() if name in known}
                return Written(parts, wanted, wanted)
        return self._write_what_fits(model, sections, allowed)

    def forget(self) -> None:
        """Compute every section anew the next time."""
        self._known = {}

    def _section(self, section: Section) -> _Known:
        known = self._known.get(section.name)
        if known is not None and known.state is not UNKNOWN and known.state == section.state:
            return known
        samples = list(section.samples())
        part = self._renderers.setdefault(section.name, Renderer()).part(snapshot_of(samples))
        return _Known(section.state, part, series_of(samples))

    def _write_what_fits(self, model: Model, sections: Sequence[Section], allowed: int) -> Written:
        self._known, self._renderers = {}, {}
        samples = list(chain.from_iterable(section.samples() for section in sections))
        stay = without_the_least_important(model, samples, allowed)
        wanted, kept = series_of(samples), series_of(stay)
        self._wants_too_much = kept < wanted
        return Written([self._of_all.part(snapshot_of(stay))], wanted, kept)
