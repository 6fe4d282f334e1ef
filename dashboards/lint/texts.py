"""What people read: titles, descriptions, pages of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboards.lint.board_file import BoardFile, Panel, items
from dashboards.lint.check import Said, of_boards, of_panels
from dashboards.lint.material import Material
from rules.lint.finding import Level
from rules.series import known

_PART = re.compile(r"[.!?:;](?=\s|$)")
_LONGEST_TITLE = 40
# A word with a capital, and small letters after it, that begins no sentence.
_INSIDE = re.compile(r"(?<=[a-z,)] )[A-Z][a-z]+\b")
_WORD = re.compile(r"[A-Za-z][\w'-]*")
# Written with a capital wherever they stand.
_PROPER = frozenset({"Prometheus", "Alertmanager", "Grafana", "Driftbell", "Brier", "Kolmogorov", "Wasserstein"})
_SHORTEST_DESCRIPTION = 40
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z]")


@of_panels(
    "D11",
    Level.ERROR,
    "a panel without a title, or without a description that says what it shows, why it matters and what to do",
    why="Whoever opens it at night has not built it.",
    mend="A title, and at least two sentences (or halves of one, after a colon): what is shown, what a bad value means or asks for.",
)
def panels_are_explained(panel: Panel, _: BoardFile, __: Material) -> Iterator[Said]:
    description = str(panel.data.get("description", "")).strip()
    if panel.type == "text":
        return
    if not panel.title.strip():
        yield Said("there is no title")
    if not description:
        yield Said("there is no description")
    elif len(description) < _SHORTEST_DESCRIPTION or len(_PART.findall(description)) < 2:
        yield Said(f"the description says one thing alone: {description}", ("description",))


@of_boards(
    "D12",
    Level.ERROR,
    "a dashboard that does not say what it answers, or leads neither to the others nor to the runbooks",
    why="A dashboard is one of a family: from each there is a way to the next, and to what is to be done.",
    mend="A description; a link of type dashboards with our tag, variables and time kept; and a link to the runbooks.",
)
def boards_lead_on(board: BoardFile, material: Material) -> Iterator[Said]:
    if len(str(board.data.get("description", "")).strip()) < _SHORTEST_DESCRIPTION:
        yield Said("there is no description of what the dashboard answers", ("description",))
    links = [each for each in items(board.data.get("links")) if isinstance(each, dict)]
    family = [each for each in links if each.get("type") == "dashboards"]
    if not any(each.get("includeVars") and each.get("keepTime") for each in family):
        yield Said("no link to the other dashboards keeps variables and time", ("links",))
    if material.settings.runbooks not in board.text:
        yield Said("nothing leads to the runbooks", ("links",))


@of_boards(
    "D13",
    Level.WARNING,
    f"a title of more than {_LONGEST_TITLE} characters, with Capitals Inside, or with the name of a metric",
    why="Titles are cut off in narrow panels; metrics' names say nothing to those who did not write them.",
    mend="A few plain words; what is exact belongs into the description.",
)
def titles_are_plain(board: BoardFile, _: Material) -> Iterator[Said]:
    yield from (Said(text, ("title",)) for text in _of_title(str(board.data.get("title", ""))))
    for panel in board.everything:
        yield from (Said(text, (*panel.place, "title"), panel=panel) for text in _of_title(panel.title))


def _of_title(title: str) -> Iterator[str]:
    if len(title) > _LONGEST_TITLE:
        yield f"the title has {len(title)} characters"
    if odd := [each for each in _INSIDE.findall(title) if each not in _PROPER]:
        yield f"{', '.join(odd)} with a capital"
    if title[:2].isalpha() and title[0].islower():
        yield "the title begins without a capital"
    if named := [each for each in _WORD.findall(title) if "_" in each and (each in known() or each[:3] == "ml_")]:
        yield f"{', '.join(named)} is the name of a metric"


@of_panels(
    "D45",
    Level.ERROR,
    "a page of text that is not plain Markdown",
    why="Grafana takes HTML out (disable_sanitize_html is off), or runs it if someone has turned that on.",
    mend="mode markdown, and no tags.",
)
def pages_are_markdown(panel: Panel, _: BoardFile, __: Material) -> Iterator[Said]:
    if panel.type != "text":
        return
    if panel.options.get("mode") != "markdown":
        yield Said(f"the mode is {panel.options.get('mode')}", ("options",))
    content = str(panel.options.get("content", ""))
    if not content.strip():
        yield Said("there is no text", ("options",))
    elif _TAG.search(content):
        yield Said("there is HTML in the text", ("options", "content"))
