"""Names of dashboards and panels that links rely on, and where panels stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboards.lint.board_file import BoardFile, Panel, items, mapping
from dashboards.lint.check import Check, Said, about, of_boards, of_material
from dashboards.lint.material import Material
from rules.lint.finding import Finding, Level

WIDTH = 24
TAGS = frozenset({"driftbell"})
_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_MOST_PANELS = 25


@of_material(
    "D04",
    Level.ERROR,
    "a uid that is missing, unsafe, too long, or of two dashboards",
    why="Alerts and links name it: without one Grafana invents another at each import, and of two files one wins.",
    mend="At most 40 letters, digits, - and _; the same as the file's name.",
)
def uids_are_fixed(check: Check, material: Material) -> Iterator[Finding]:
    seen = Counter(each.uid for each in (*material.readable, *material.others))
    for board in material.readable:
        if not _UID.fullmatch(board.uid):
            yield about(check, board, Said(f"the uid is {board.uid!r}", ("uid",)))
        elif seen[board.uid] > 1:
            yield about(check, board, Said(f"another dashboard has the uid {board.uid}", ("uid",)))
        elif board.path.stem != board.uid:
            yield about(check, board, Said(f"the file of {board.uid} is called {board.path.name}", ("uid",)))


@of_boards(
    "D05",
    Level.ERROR,
    "a panel without a number of its own",
    why="Links of alerts name it (viewPanel=12); Grafana numbers anew what has none, or twice the same.",
    mend="Give each panel and row a number, once and for good.",
)
def panels_have_numbers(board: BoardFile, _: Material) -> Iterator[Said]:
    seen: dict[int, Panel] = {}
    for panel in board.everything:
        number = panel.data.get("id")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            yield Said(f"the id is {number}", panel.place, panel=panel)
        elif number in seen:
            yield Said(f"the id is that of {seen[number].said}", panel.place, panel=panel)
        else:
            seen[number] = panel


class _Box(NamedTuple):
    panel: Panel
    x: int
    y: int
    width: int
    height: int

    def covers(self, other: _Box) -> bool:
        return self.beside(other) and self.y < other.y + other.height and other.y < self.y + self.height

    def beside(self, other: _Box) -> bool:
        """Say whether the two share a column."""
        return self.x < other.x + other.width and other.x < self.x + self.width


@of_boards(
    "D06",
    Level.ERROR,
    "a panel outside the 24 columns, over another, or above a hole",
    why="Grafana pushes panels apart and up until they fit: what belongs side by side ends up anywhere.",
    mend="Lay them out from the top without gaps; a row takes one line of all columns.",
)
def panels_fill_the_grid(board: BoardFile, _: Material) -> Iterator[Said]:
    yield from _grid([each for each in board.everything if each.within is None], 0)
    for row in board.everything:
        if row.is_row:
            inside = [each for each in board.everything if each.within is row]
            top = _number(row, "y") + 1
            yield from _grid(inside, top)
            if bool(inside) is not bool(row.data.get("collapsed")):
                yield Said("panels stand within a row if, and only if, it is collapsed", row.place, panel=row)


def _grid(panels: Sequence[Panel], top: int) -> Iterator[Said]:
    boxes = []
    for panel in panels:
        box = _Box(panel, *(_number(panel, key) for key in "xywh"))
        if box.width < 1 or box.height < 1 or box.x < 0 or box.y < 0 or box.x + box.width > WIDTH:
            yield Said(f"not within {WIDTH} columns", (*panel.place, "gridPos"), panel=panel)
        boxes.append(box)
    for number, box in enumerate(boxes):
        place = (*box.panel.place, "gridPos")
        if over := next((each for each in boxes[:number] if each.covers(box)), None):
            yield Said(f"lies over {over.panel.said}", place, panel=box.panel)
        elif box.y > top and not any(each.beside(box) and each.y + each.height == box.y for each in boxes):
            yield Said(f"stands at {box.y}, where nothing above it ends", place, panel=box.panel)
        elif box.y < top:
            yield Said("stands above its row", place, panel=box.panel)
    if boxes and (missing := _missing(boxes)) > 0:
        place = boxes[0].panel.place[:-1]
        yield Said(f"{missing} cells of the grid are empty", place, panel=boxes[0].panel.within)


def _missing(boxes: Sequence[_Box]) -> int:
    """Return how many cells are left over, from the topmost panel to the lowest, if none lies over another."""
    top, bottom = min(each.y for each in boxes), max(each.y + each.height for each in boxes)
    return WIDTH * (bottom - top) - sum(each.width * each.height for each in boxes)


def _number(panel: Panel, key: str) -> int:
    value = mapping(panel.data.get("gridPos")).get(key, -1)
    return value if isinstance(value, int) else -1


@of_boards(
    "D09",
    Level.WARNING,
    f"more than {_MOST_PANELS} panels that are open at once",
    why="Each asks Prometheus at every refresh, of every viewer; and nobody reads thirty panels.",
    mend="Put what is looked at rarely into a collapsed row.",
)
def few_panels_are_open(board: BoardFile, _: Material) -> Iterator[str]:
    number = sum(panel.within is None for panel in board.panels)
    if number > _MOST_PANELS:
        yield f"{number} panels are open"


@of_material(
    "D10",
    Level.ERROR,
    "a title that another dashboard has, or tags other than ours",
    why="In one folder titles tell dashboards apart, also for provisioning; the tag is what the menu of dashboards is made of.",
    mend=f"A title of its own, and the tags {', '.join(sorted(TAGS))}.",
)
def titles_and_tags_are_ours(check: Check, material: Material) -> Iterator[Finding]:
    titles = Counter(str(each.data.get("title", "")) for each in (*material.readable, *material.others))
    for board in material.readable:
        title, tags = str(board.data.get("title", "")), items(board.data.get("tags"))
        if not title.strip():
            yield about(check, board, "there is no title")
        elif titles[title] > 1:
            yield about(check, board, Said(f"another dashboard has the title {title}", ("title",)))
        if set(tags) != TAGS or len(tags) != len(TAGS):
            yield about(check, board, Said(f"the tags are {', '.join(map(str, tags)) or 'none'}", ("tags",)))
