"""A browser, and pages in it that notice what goes wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from exporter.web.server import Server
from tests.exporter.web.status.scenario import ALL, Scene, features
from tests.exporter.web.status.served_site import served_site

SCREENSHOTS = Path(__file__).parents[2] / ".tools" / "screenshots"
WIDE = Scene("wide", features(500, 1.4))
LONG = Scene("a" * 300, {"b" * 200: 2.0, "short": 0.1}, owner="c" * 200)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium and playwright")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running browser. Of the module, since as long as playwright runs nobody else can run an event loop."""
    program = shutil.which("chromium")
    if program is None or find_spec("playwright") is None:
        what = "chromium is not installed (make browser)" if program is None else "playwright is not (make install)"
        if os.environ.get("CI"):
            pytest.fail(what)
        pytest.skip(what)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root has no sandbox, and shared memory is small in containers; all pages are our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served_site([*ALL, LONG]) as found:
        yield found


@pytest.fixture(scope="module")
def wide_server() -> Iterator[Server]:
    with served_site([WIDE]) as found:
        yield found


class Visitor:
    """Opens pages of the exporter, and keeps what the browser had to say about them."""

    def __init__(self, browser: Any, base: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.base = base
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("requestfailed", lambda request: self.troubles.append(request.url))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> Any:
        """Return the page at a path, loaded."""
        response = self.page.goto(self.base + path)
        assert response.status == 200, path
        return self.page

    def origins(self) -> set[str]:
        """Where requests went to; what is in the page itself is no request."""
        parts = (urlsplit(url) for url in self.requests)
        return {f"{part.scheme}://{part.netloc}" for part in parts if part.scheme != "data"}


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Any, server: Server) -> Iterator[Visit]:
    """Make visitors, with options such as ``color_scheme`` and ``width``."""
    with ExitStack() as stack:
        yield partial(_visitor, stack, chromium, server)


@pytest.fixture
def visit_wide(chromium: Any, wide_server: Server) -> Iterator[Visit]:
    """Make visitors of an exporter whose model has 500 features."""
    with ExitStack() as stack:
        yield partial(_visitor, stack, chromium, wide_server)


def _visitor(stack: ExitStack, browser: Any, server: Server, width: int = 1280, **options: Any) -> Visitor:
    size = {"width": width, "height": 900}
    visitor = Visitor(browser, f"http://127.0.0.1:{server.port}", viewport=size, **options)
    stack.callback(visitor.context.close)
    return visitor
