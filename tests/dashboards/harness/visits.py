"""Visits to the page that draws the dashboards, and what was seen there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.dashboards.harness.pictures import smaller
from tests.dashboards.queries.timeline import END
from tests.dashboards.queries.worlds import HEALTHY, SICK
from tests.end_to_end.simulation import DAY

JOBS = {"healthy": HEALTHY, "broken": SICK}
WIDTH = 1440
# Scrapes of the history are so far apart, but for its last hour.
_SCRAPE = "10m"
_SETTLES = 60_000
_MOST = 4000

GREEN, BLUE, ORANGE, RED, PURPLE, GREY = "#73BF69", "#5794F2", "#FF9830", "#F2495C", "#B877D9", "#8e8e8e"
"""What Grafana's dark theme makes of the names of colours that have a meaning on our dashboards."""

# Of each title: the panel, and whether all of it is shown.
_TITLES = """() => [...document.querySelectorAll('[data-viz-panel-key]')].map((panel) => {
    const title = panel.querySelector('h2');
    return [panel.dataset.vizPanelKey.replace('panel-', ''), !title || title.scrollWidth <= title.clientWidth];
})"""
# Cells and heads of tables whose text is wider than they are.
_CELLS = """() => [...document.querySelectorAll('[data-plugin-id=table] :is([role=gridcell], [role=columnheader])')]
    .filter((cell) => [cell, ...cell.querySelectorAll('*')].some((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth))
    .map((cell) => cell.textContent)"""
_BOTTOM = """() => Math.max(...[...document.querySelectorAll('[data-viz-panel-key]')].map((each) => each.getBoundingClientRect().bottom))"""
_TILES = """() => Object.fromEntries([...document.querySelectorAll('[data-plugin-id=stat]')].map((panel) => {
    const shown = [...panel.querySelectorAll('div')].map((each) => getComputedStyle(each).backgroundImage);
    return [panel.dataset.vizPanelKey.replace('panel-', ''), shown.find((each) => each.includes('gradient')) ?? ''];
}))"""
_LINES = """() => Object.fromEntries([...document.querySelectorAll('[data-plugin-id=timeseries]')].map((panel) =>
    [panel.dataset.vizPanelKey.replace('panel-', ''), panel.querySelectorAll('.uplot canvas').length]))"""


@dataclass(frozen=True)
class Seen:
    """A dashboard as it was seen: ``panels`` by their ids, variables by their names, what the browser said, a picture."""

    panels: Mapping[int, Mapping[str, Any]]
    variables: Mapping[str, Mapping[str, Any]]
    cut_titles: tuple[str, ...]
    cut_cells: tuple[str, ...]
    tiles: Mapping[int, str]
    """The CSS backgrounds of tiles."""
    plots: Mapping[int, int]
    """How many canvases there are in a panel."""
    troubles: tuple[str, ...]
    origins: frozenset[str]
    picture: bytes

    def tile(self, number: int) -> tuple[str, str]:
        """Return the text and the colour of the only figure of a tile."""
        (figure,) = self.panels[number]["figures"]
        return figure["text"], figure["color"]

    def cells(self, number: int, row: str) -> dict[str, Mapping[str, Any]]:
        """Return the cells of a table by their columns, of the row that begins with a text."""
        columns = self.panels[number]["columns"]
        place = [cell["text"] for cell in columns[0]["cells"]].index(row)
        return {column["name"]: column["cells"][place] for column in columns}

    def series(self, number: int) -> dict[str, Mapping[str, Any]]:
        return {each["name"]: each for each in self.panels[number]["series"]}


class Visits:
    """Of the page at ``url``, each once."""

    def __init__(self, browser: Any, url: str) -> None:
        self._browser, self._url = browser, url
        self._seen: dict[str, Seen] = {}

    def see(self, board: str, scenario: str = "healthy", **variables: str) -> Seen:
        """Look at the last day of a dashboard (its name without our prefix), with all rows open."""
        chosen = {f"var-{name}": value for name, value in {"job": JOBS[scenario], **variables}.items()}
        time = {"from": (END - DAY) * 1000, "to": END * 1000, "scrape": _SCRAPE}
        query = urlencode({"board": f"driftbell-{board}", "open": "1", **time, **chosen})
        if query not in self._seen:
            self._seen[query] = self._visit(query)
        return self._seen[query]

    def _visit(self, query: str) -> Seen:
        context = self._browser.new_context(
            viewport={"width": WIDTH, "height": 1000}, timezone_id="UTC", locale="en-GB"
        )
        page = context.new_page()
        troubles: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{self._url}/?{query}")
        _settle(page)
        # All of it in the window, for what is outside may be left out of a grid.
        bottom = min(round(page.evaluate(_BOTTOM)) + 16, _MOST)
        page.set_viewport_size({"width": WIDTH, "height": bottom})
        _settle(page)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        looked = page.evaluate("() => ({ panels: window.looked.panels, variables: window.looked.variables })")
        panels = {int(number): panel for number, panel in looked["panels"].items()}
        found = Seen(
            panels=panels,
            variables=looked["variables"],
            cut_titles=tuple(panels[int(number)]["title"] for number, whole in page.evaluate(_TITLES) if not whole),
            cut_cells=tuple(page.evaluate(_CELLS)),
            tiles={int(number): style for number, style in page.evaluate(_TILES).items()},
            plots={int(number): count for number, count in page.evaluate(_LINES).items()},
            troubles=tuple(troubles),
            origins=frozenset(_origin(url) for url in asked if not url.startswith(("data:", "blob:"))),
            picture=smaller(page, page.screenshot()),
        )
        context.close()
        return found

    @property
    def origin(self) -> str:
        return _origin(self._url)


def _settle(page: Any) -> None:
    page.wait_for_function("() => window.failure || window.looked?.settled", timeout=_SETTLES)
    failure = page.evaluate("() => window.failure")
    assert failure is None, failure


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
