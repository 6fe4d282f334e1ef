"""A running server with the status pages of some scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from exporter.exposition.page import Page
from exporter.figures.spread import NOTHING, Spreads
from exporter.web.server import Server
from exporter.web.status.site import Sources, StatusSite
from exporter.web.terms import OPEN, Terms
from tests.exporter.web.certificates import HOST
from tests.exporter.web.status.scenario import NOW, Scene, own_of, page_of


def sources_of(scenes: Sequence[Scene], page: Page | None = None) -> Sources:
    published = page or page_of(scenes)

    def ask(model: str) -> Future[Spreads]:
        answer: Future[Spreads] = Future()
        answer.set_result(next((scene.spreads() for scene in scenes if scene.name == model), NOTHING))
        return answer

    names = [scene.name for scene in scenes]
    return Sources("1.2.3", lambda: names, lambda: published, lambda: own_of(scenes), ask, lambda: NOW)


@contextmanager
def served_site(
    scenes: Sequence[Scene], sources: Sources | None = None, terms: Callable[[], Terms] = lambda: OPEN
) -> Iterator[Server]:
    found = sources or sources_of(scenes)
    server = Server(HOST, 0, found.page, lambda: True, site=StatusSite(found), tail=lambda: Page((), ()), terms=terms)
    server.start()
    try:
        yield server
    finally:
        server.stop()
