"""A hundred gzip scrapes of a page of 10,000 series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.ours.series import snapshots
from bench.scraper import SCRAPES, in_child
from exporter.exposition.text import Renderer
from exporter.web.server import Server

CHILDREN_ARE_CLIENTS = True


def prepare(folder: Path) -> Callable[[], None]:
    del folder
    page = Renderer().page(next(snapshots()))
    server = Server("127.0.0.1", 0, lambda: page, lambda: True)
    server.start()

    def work() -> None:
        in_child(server.port, SCRAPES)

    return work
