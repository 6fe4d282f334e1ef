"""What grafanalib writes, as Grafana 12 and 13 read it: without the fields of Grafana 8, without nulls, in one order."""

from __future__ import annotations

from typing import Any

# Fields that Grafana has given up, some of which make it take the file for an old one and migrate it.
_OF_BOARD = ("__inputs", "gnetId", "hideControls", "id", "rows", "sharedCrosshair", "style")
_OF_PANEL = ("cacheTimeout", "editable", "error", "height", "hideTimeOverride", "minSpan", "span")
_OF_REPEAT = ("maxPerRow", "repeat", "repeatDirection")
_OF_VARIABLE = ("auto", "auto_count", "auto_min", "tagValuesQuery", "tagsQuery", "useTags")
_ALL = {"selected": True, "text": ["All"], "value": ["$__all"]}


def normalised(board: dict[str, Any]) -> dict[str, Any]:
    """Return a dashboard's JSON as it is committed."""
    made = _without(board, *_OF_BOARD)
    made["panels"] = [_panel(each) for each in board["panels"]]
    made["templating"] = {"list": [_variable(each) for each in board["templating"]["list"]]}
    made["timepicker"] = {"refresh_intervals": board["timepicker"]["refresh_intervals"]}
    return dict(_without_nulls(made))


def _panel(panel: dict[str, Any]) -> dict[str, Any]:
    made = _without(panel, *_OF_PANEL, *_OF_REPEAT)
    if panel["type"] == "row":
        # A row asks nothing and shows nothing of its own.
        for name in ("datasource", "description", "fieldConfig", "links", "targets", "transformations", "transparent"):
            made.pop(name, None)
        made["panels"] = [_panel(each) for each in panel["panels"]]
    elif not made["targets"]:
        del made["targets"], made["datasource"]
    return made


def _variable(variable: dict[str, Any]) -> dict[str, Any]:
    made = _without(variable, *_OF_VARIABLE)
    if variable["type"] == "custom":
        return _without(made, "refresh", "sort")
    # What is chosen at first: all, or what comes first.
    made["current"] = _ALL if variable["includeAll"] else {}
    if variable["type"] == "datasource":
        del made["sort"]
    else:
        made["definition"] = variable["query"]["query"]
    return made


def _without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def _without_nulls(value: Any, where: str = "") -> Any:
    """Leave out what is null; but the first step of a threshold has no lower end, and says so with a null."""
    if isinstance(value, dict):
        kept = value if where == "steps" else {name: each for name, each in value.items() if each is not None}
        return {name: _without_nulls(each, name) for name, each in kept.items()}
    if isinstance(value, list):
        return [_without_nulls(each, where) for each in value]
    return value
