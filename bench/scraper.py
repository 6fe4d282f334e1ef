"""A client: ``python -m bench.scraper PORT COUNT`` scrapes over one connection, as Prometheus does, with gzip."""

from __future__ import annotations

import http.client
import subprocess
import sys

SCRAPES = 100


def scrape(port: int, count: int) -> int:
    """Return the bytes of the last answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    size = 0
    for _ in range(count):
        connection.request("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
        response = connection.getresponse()
        size = len(response.read())
        assert response.status == 200, response.status
    return size


def in_child(port: int, count: int) -> None:
    """Scrape from a process of its own, so that the server's CPU time is the server's."""
    command = [sys.executable, "-m", "bench.scraper", str(port), str(count)]
    subprocess.run(command, check=True)  # noqa: S603 - our own program


if __name__ == "__main__":
    scrape(int(sys.argv[1]), int(sys.argv[2]))
