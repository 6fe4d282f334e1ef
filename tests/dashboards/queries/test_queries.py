"""Every query of every dashboard, with everything that can be chosen, answered by a real Prometheus."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.dashboards.queries.answers import Answer, Asked
from tests.dashboards.queries.boards import committed, panels
from tests.dashboards.queries.database import Database
from tests.dashboards.queries.expectations import EXPECTED
from tests.dashboards.queries.expectations.expected import EVERYBODY
from tests.dashboards.queries.timeline import END, FINE, SCRAPE
from tests.dashboards.queries.worlds import HEALTHY

BOARDS = committed()
_MOST, _SLOWEST = 20, 2.0
_LABEL_IN_LINK = re.compile(r"\$\{__field\.labels\.(\w+)\}")
_COLUMN_IN_LINK = re.compile(r'\$\{__data\.fields\["([^"]+)"\]\}')
_BY_LINE = ("timeseries", "bargauge", "state-timeline", "status-history", "stat")
_AT_MOST_ONE = {"percentunit": 1 + 1e-9}


every_board = pytest.mark.parametrize("uid", BOARDS)


def test_each_query_has_an_expectation_and_none_is_left_over() -> None:
    asking = {
        (uid, panel["id"], target["refId"])
        for uid, board in BOARDS.items()
        for panel in panels(board)
        for target in panel.get("targets", [])
    }
    assert sorted(asking - EXPECTED.keys()) == []
    assert sorted(EXPECTED.keys() - asking) == []


@every_board
def test_each_model_has_the_series_that_it_should_have(uid: str, answers: Asked) -> None:
    wrong = {line for panel in answers.of(uid) for answer in panel for line in _unexpected(uid, answer)}
    assert "\n".join(sorted(wrong)) == ""


def _unexpected(uid: str, answer: Answer) -> Iterator[str]:
    where = f"{uid} {answer.panel['id']}{answer.target['refId']} ({answer.panel['title']})"
    expected = EXPECTED[uid, answer.panel["id"], answer.target["refId"]]
    values = [value for one in answer.series for _, value in one.points]
    if any(map(math.isnan, values)):
        yield f"{where}: what is no number is drawn as if there were something, with {answer.chosen}"
    subject = subject_of(answer)
    if subject in expected.none and values:
        yield f"{where}: {subject} has a value, although {expected.none[subject]}"
    if subject in EVERYBODY and subject not in {*expected.none, *expected.maybe} and not values:
        yield f"{where}: {subject} has no value, with {answer.chosen}"
    high = min(expected.high, _AT_MOST_ONE.get(answer.panel["fieldConfig"]["defaults"]["unit"], math.inf))
    if values and not expected.low <= min(values) <= max(values) <= high:
        yield f"{where}: {min(values)} to {max(values)}, with {answer.chosen}"
    if (
        len(answer.series) > _MOST
        and answer.panel["type"] not in ("table", "heatmap", "barchart")
        and not expected.many
    ):
        yield f"{where}: {len(answer.series)} series, with {answer.chosen}"


def subject_of(answer: Answer) -> str:
    """Return which model is asked for, if it is one."""
    how = "well" if answer.choices["job"].values == (HEALTHY,) else "sick"
    return f"{how} {'+'.join(answer.choices['model_name'].values)}"


@every_board
def test_each_query_says_something_in_one_case_at_least(uid: str, answers: Asked, database: Database) -> None:
    said: dict[tuple[int, str], bool] = defaultdict(bool)
    silent: dict[tuple[int, str], set[str]] = defaultdict(set)
    for panel in answers.of(uid):
        for answer in panel:
            key = answer.panel["id"], answer.target["refId"]
            said[key] |= bool(answer.series)
            silent[key].add(answer.expression)
    assert {key for key in said if not said[key]} == {
        key for key in said if set(EVERYBODY) <= EXPECTED[uid, *key].none.keys()
    }
    # What says nothing since nothing has happened would say how often: never.
    for key in (key for key in said if not said[key]):
        without = {each.removesuffix(" > 0") for each in silent[key]}
        assert not without & silent[key]
        assert any(database.range(each, FINE, END, SCRAPE) for each in without), key


def test_no_query_is_slow(answers: Asked, database: Database) -> None:
    for uid in BOARDS:
        answers.of(uid)
    seconds, slowest = database.slowest
    assert seconds < _SLOWEST, slowest
