"""The committed dashboards, and all that can be chosen on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from dashboards.command_line import GENERATED
from tests.dashboards.queries.database import Database
from tests.dashboards.queries.interpolation import ALL, Choice, query
from tests.dashboards.queries.timeline import END

Json = dict[str, Any]
Choices = Mapping[str, Choice]
Time = tuple[float, float]
"""The beginning and the end of what a dashboard shows, in seconds."""
_VALUES = re.compile(r"label_values\((.*), (\w+)\)$")
_PAST = re.compile(r"now-(\d+)([dh])$")
_SECONDS = {"d": 86_400, "h": 3600}
_ALWAYS_EACH = ("job", "model_name")
NOTHING = Choice(("",))
"""Of a variable that has no values."""


def committed() -> dict[str, Json]:
    """Return the dashboards by their uids."""
    found = (json.loads(path.read_text("utf-8")) for path in sorted(GENERATED.glob("*.json")))
    return {board["uid"]: board for board in found}


def panels(board: Json) -> Iterator[Json]:
    """Yield all panels, those of collapsed rows included, and no rows."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def time_of(board: Json) -> Time:
    number, unit = _PAST.fullmatch(board["time"]["from"]).groups()  # type: ignore[union-attr]
    assert board["time"]["to"] == "now"
    return END - int(number) * _SECONDS[unit], END


def choices(board: Json, database: Database, time: Time | None = None) -> Iterator[Choices]:
    """Yield all combinations at a time: of a variable that may have several values all of them, each, and the first two.

    What is chosen of a fixed list besides the first goes with each model, and with the first of what a model has.
    """
    yield from _choices(board["templating"]["list"], {}, time or time_of(board), database)


def _choices(
    variables: list[Json], chosen: dict[str, Choice], time: Time, database: Database, *, few: bool = False
) -> Iterator[Choices]:
    if not variables:
        yield chosen
        return
    variable, *rest = variables
    options = _options(variable, chosen, time, database)
    if few and variable["name"] not in _ALWAYS_EACH:
        options = islice(options, 1)
    for number, each in enumerate(options):
        less = few or (variable["type"] == "custom" and number > 0)
        yield from _choices(rest, {**chosen, variable["name"]: each}, time, database, few=less)


def _options(variable: Json, chosen: Choices, time: Time, database: Database) -> Iterator[Choice]:
    if variable["type"] == "datasource":
        yield Choice(("prometheus",))
        return
    if variable["type"] == "custom":
        yield from (Choice((each.rpartition(" : ")[2],)) for each in variable["query"].split(", "))
        return
    assert variable["refresh"] == 2, "values are asked for again when the time changes"
    values = values_of(variable, chosen, time, database)
    if not variable["multi"]:
        yield from [Choice((value,)) for value in values] or [NOTHING]
        return
    sets = [(ALL,), *((value,) for value in values), *([tuple(values[:2])] if len(values) > 1 else [])]
    for some in sets:
        yield Choice(some, several=True, all_value=variable["allValue"])


def values_of(variable: Json, chosen: Choices, time: Time, database: Database) -> list[str]:
    asked = _VALUES.fullmatch(query(variable["query"]["query"], chosen, {}))
    assert asked is not None, variable["query"]
    return sorted(database.label_values(asked[2], asked[1], *time))
