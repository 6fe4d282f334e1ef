from __future__ import annotations

from pathlib import Path

import pytest

from rules.bundle import bundle
from rules.deploy import suitability
from rules.deploy.failure import DeployError, Exit
from rules.deploy.loaded import Rule, groups_of
from rules.document import documents
from tests.rules.deploy.samples import alert, file

DAY = 86_400


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("up", 0),
        ("rate(up[1d])", 1),
        ("rate(up[1d] offset 2d)", 3),
        ("sum(up offset 7d) / sum(rate(up[3d]))", 7),
        ("max_over_time(sum(rate(up[1d]))[2d:1h])", 3),
        ("not parsed(", 0),
    ],
)
def test_how_far_back_a_rule_looks(expression: str, days: float) -> None:
    assert suitability.depth(Rule("r", False, expression)) == days * DAY


@pytest.mark.parametrize(
    ("kept", "enough"),
    [
        ("15d", False),
        ("29d", False),
        ("30d", True),
        ("1y", True),
        ("31d or 10GiB", True),
        ("15d or 1TB", False),
        ("10GiB", True),
        ("", True),
    ],
)
def test_retention_is_compared_with_the_longest(kept: str, enough: bool) -> None:
    groups = groups_of({"x.yml": file(alert(expression="rate(up[1d]) > 0"), alert("Month", "rate(up[30d]) > 0"))})
    if enough:
        suitability.need_history(groups, kept)
        return
    with pytest.raises(DeployError, match=r"Month.*30 days.*retention\.time=31d") as caught:
        suitability.need_history(groups, kept)
    assert caught.value.code is Exit.UNSUITABLE


def test_ours_need_what_the_page_says() -> None:
    suitability.need_history(groups_of(documents(bundle())), "31d")
    with pytest.raises(DeployError):
        suitability.need_history(groups_of(documents(bundle())), "15d")


@pytest.mark.parametrize(
    ("pattern", "read"),
    [("/r/*.yml", False), ("/r/*", True), ("/r/.*", True), ("/other/*", False), ("/r/driftbell-*", False)],
)
def test_the_server_must_not_read_what_a_deployment_keeps(pattern: str, read: bool) -> None:
    state, folder = Path("/r/.driftbell-deploy"), Path("/r")
    if not read:
        suitability.does_not_read([pattern], state, folder)
        return
    with pytest.raises(DeployError, match="say --state"):
        suitability.does_not_read([pattern], state, folder)
    suitability.does_not_read([pattern], Path("/elsewhere"), folder)
