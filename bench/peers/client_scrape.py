"""Ten gzip scrapes of start_http_server, a page of 10,000 series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from prometheus_client import start_http_server

from bench.peers.client_series import registry
from bench.scraper import SCRAPES, in_child

CHILDREN_ARE_CLIENTS = True


def prepare(folder: Path) -> Callable[[], None]:
    del folder
    server, _ = start_http_server(0, addr="127.0.0.1", registry=registry())

    def work() -> None:
        in_child(server.server_port, SCRAPES // 10)

    return work
