"""What it takes to look at the dashboards: the built page, a browser, and a Prometheus with both scenarios.

Nothing here is collected but by `make dashboards-look`, which builds the page and says where it is: that needs node and
650 MB of packages, which `make test` shall not.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.harness.server import served
from tests.dashboards.harness.visits import Seen, Visits
from tests.dashboards.queries import exporters
from tests.dashboards.queries.database import database
from tests.dashboards.queries.timeline import SCRAPES

_PAGE = os.environ.get("DASHBOARDS_PAGE")
collect_ignore_glob = [] if _PAGE else ["test_*.py"]

See = Callable[..., Seen]


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has the history of models that are well and of models that are not."""
    shared = tmp_path_factory.mktemp("history") / "made"
    with pytest.MonkeyPatch.context() as patch:
        # Lines over a day are looked at here: figures are computed before every scrape, not only before those that are asked for.
        patch.setattr(exporters, "EVALUATIONS", frozenset(SCRAPES))
        with database(shared, tmp_path_factory.mktemp("prometheus")) as found:
            yield f"http://{found.address}"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "chromium is not installed: make browser gets it"
    with sync_playwright() as playwright:
        # Root has no sandbox, and shared memory is small in containers; all pages are our own.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page() -> Path:
    assert _PAGE is not None
    return Path(_PAGE)


@pytest.fixture(scope="session")
def see(chromium: Any, page: Path, prometheus: str) -> Iterator[See]:
    """Look at a dashboard; at what has been seen before, there is no need to look again."""
    with served(page, prometheus) as url:
        visits = Visits(chromium, url)
        yield visits.see
