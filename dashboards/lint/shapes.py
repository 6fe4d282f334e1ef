"""Is it a dashboard that Grafana 12 and 13 read as it is meant, without repairing it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashboards.lint import schemas
from dashboards.lint.board_file import BoardFile
from dashboards.lint.check import Said, of_boards
from dashboards.lint.material import Material
from dashboards.lint.positions import Place, said
from rules.lint.finding import Level

_OLDEST, _NEWEST = 39, 42

# What older versions wrote, and what makes newer ones take a file for old, or ignore what it says.
LEGACY = frozenset(
    [
        "__inputs",
        "__requires",
        "__elements",
        "rows",
        "style",
        "hideControls",
        "sharedCrosshair",
        "gnetId",
        "height",
        "span",
        "minSpan",
        "error",
        "intervalFactor",
        "step",
        "target",
        "metric",
        "tagsQuery",
        "tagValuesQuery",
        "useTags",
        "fieldOptions",
        "displayMode",
        "valueName",
        "yaxes",
        "xaxis",
        "seriesOverrides",
        "nullPointMode",
    ]
)
# Keys that are old in some places, and right in others.
_ELSEWHERE = {
    "displayMode": ("legend", "options", "cellOptions"),
    "step": ("annotations",),
    "height": ("custom",),
}
# Their keys are names of columns.
_NAMED = frozenset({"indexByName", "renameByName", "includeByName", "excludeByName"})


def is_old(place: Place) -> bool:
    """Say whether a field is one of an old version."""
    key = str(place[-1])
    return key in LEGACY and not any(part in place for part in (*_ELSEWHERE.get(key, ()), *_NAMED))


@of_boards(
    "D00",
    Level.ERROR,
    "a file that is no dashboard",
    why="Grafana leaves it out, and says so only in its log.",
    mend="Files hold the classic dashboard alone: not wrapped for the API, not of version 2.",
    basic=True,
)
def files_are_dashboards(board: BoardFile, _: Material) -> Iterator[str]:
    yield from board.flaws


@of_boards(
    "D01",
    Level.ERROR,
    "a field that Grafana's published types do not have, or of another type",
    why="Grafana says nothing: it ignores what it does not know, and draws something else.",
    mend="Write it as dashboards/schemas says; they are made of @grafana/schema (`make schemas`).",
    basic=True,
)
def fields_fit_the_schemas(board: BoardFile, _: Material) -> Iterator[Said]:
    if not board.data:
        return
    yield from (_of_board(each) for each in schemas.faults("dashboard", board.data, ignored=is_old))
    for panel in board.everything:
        if panel.type not in schemas.TYPES and not panel.is_row:
            continue
        for each in schemas.faults(panel.type, panel.data, panel.place, is_old):
            yield Said(each.text, each.place, panel=panel)
        yield from _overrides(panel)


def _of_board(fault: Said) -> Said:
    return Said(fault.text.replace("the panel", "the dashboard", 1), fault.place)


def _overrides(panel: Any) -> Iterator[Said]:
    for place, _, properties in panel.overrides() if not panel.is_row else ():
        for each in schemas.override_faults(panel.type, properties, place):
            yield Said(each.text, each.place, panel=panel)


@of_boards(
    "D02",
    Level.ERROR,
    "a type of panel that we do not use",
    why="Old types are gone since Grafana 12, plugins need not be installed; both show an error in place of a figure.",
    mend=f"One of {', '.join(sorted(schemas.TYPES))}; a new one needs its schema (scripts/grafana-schemas) first.",
    basic=True,
)
def panels_are_of_known_types(board: BoardFile, _: Material) -> Iterator[Said]:
    for panel in board.everything:
        if panel.type not in schemas.TYPES and not panel.is_row:
            yield Said(f"the type is {panel.type or 'not said'}", panel.place, panel=panel)
        if panel.is_row and panel.within is not None:
            yield Said("a row within a row", panel.place, panel=panel)


@of_boards(
    "D03",
    Level.ERROR,
    "no schemaVersion, or one that Grafana migrates from, or does not know",
    why="Without it Grafana takes the file for version 0 and rewrites it; above its own it refuses it.",
    mend=f"{_OLDEST} (Grafana 11) to {_NEWEST} (12 and 13).",
    basic=True,
)
def versions_are_current(board: BoardFile, _: Material) -> Iterator[Said]:
    version = board.data.get("schemaVersion", "missing")
    if board.data and (not isinstance(version, int) or not _OLDEST <= version <= _NEWEST):
        yield Said(f"schemaVersion is {version}", ("schemaVersion",))


@of_boards(
    "D07",
    Level.ERROR,
    "a null, or a field of an old version",
    why="A null overwrites Grafana's default; an old field starts a migration, or is ignored while its setting is lost.",
    mend="Leave nulls out (a threshold's first step has one, and a range's open end), and write today's options.",
    basic=True,
)
def nothing_is_old_or_null(board: BoardFile, _: Material) -> Iterator[Said]:
    yield from _old((), board.data)


def _old(place: Place, value: Any) -> Iterator[Said]:
    if isinstance(value, dict):
        for key, each in value.items():
            inner = (*place, key)
            if is_old(inner):
                yield Said(f"{said(inner)} is a field of an old version", inner)
            else:
                yield from _old(inner, each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _old((*place, number), each)
    elif value is None and not _may_be_null(place):
        yield Said(f"{said(place)} is null", place)


def _may_be_null(place: Place) -> bool:
    return place[-3:-1] == ("steps", 0) or (place[-1] in ("from", "to") and place[-2] == "options") or place == ("id",)


@of_boards(
    "D08",
    Level.ERROR,
    "bytes that another build would not write",
    why="A diff is then noise, and nobody sees what has changed in the dashboard.",
    mend="Keys in their order, two spaces, a line end: `python -m dashboards build`.",
    basic=True,
)
def bytes_are_canonical(board: BoardFile, _: Material) -> Iterator[str]:
    if board.data and board.text != canonical(board.data):
        yield "the text is not as it would be built"


def canonical(data: Any) -> str:
    import json

    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
