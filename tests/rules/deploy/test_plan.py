from __future__ import annotations

import pytest

from rules.deploy.loaded import Active, Running, groups_of
from rules.deploy.plan import differing, plan
from rules.deploy.plan_text import lines
from tests.rules.deploy.samples import alert, file, record


def running(text: str, *, firing: int = 0, pending: int = 0, elsewhere: frozenset[str] = frozenset()) -> Running:
    """A server that runs x.yml; alerts of its first rule are active."""
    groups = groups_of({"x.yml": text})
    active = [
        Active(groups[0], groups[0].rules[0], state, (("model_name", f"m{number}"),))
        for state, count in (("firing", firing), ("pending", pending))
        for number in range(count)
    ]
    return Running(groups, tuple(active), read_elsewhere=elsewhere)


def said(before: Running, after: str, name: str = "x.yml", version: tuple[int, int] = (2, 42)) -> list[str]:
    return list(lines(plan({}, groups_of({name: after}), before, version)))


def test_the_same_is_nothing() -> None:
    text = file(alert(), record())
    found = plan(differing({"x.yml": text}, {"x.yml": text}), groups_of({"x.yml": text}), running(text, firing=1))
    assert found.nothing
    assert list(lines(found)) == []


def test_files_are_written_and_removed() -> None:
    assert differing({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"}) == {"b": "9", "c": None, "d": "4"}


def test_what_is_added_changed_and_removed_is_told_by_group() -> None:
    before = running(file(alert(), alert("Old"), record()))
    after = file(alert(expression="up < 1", after="9m"), record(), alert("New"))
    assert said(before, after) == [
        "x.yml / a",
        "  ~ Down (warning): expression, for",
        "  + New (warning)",
        "  - Old (warning)",
    ]


def test_a_new_order_and_a_new_interval_are_changes() -> None:
    assert said(running(file(alert(), record())), file(record(), alert(), interval="2m")) == [
        "x.yml / a",
        "  ~ the group: interval 60 s -> 120 s, limit 0",
        "  ~ the group: its rules are evaluated in another order",
    ]


@pytest.mark.parametrize(
    ("after", "consequence"),
    [
        (file(alert(summary="Other.", after="1m")), None),
        (
            file(alert(expression="up < 1")),
            "Down (warning) may change (2 firing, 1 pending of m0, m1): it stays as it is if the new expression still yields these labels",
        ),
        (
            file(alert(), group="b"),
            "Down (warning) starts over (2 firing, 1 pending of m0, m1): its rule moves: x.yml/a -> x.yml/b",
        ),
        (
            file(alert(severity="critical")),
            "Down (warning) starts over (2 firing, 1 pending of m0, m1): its labels change: severity warning -> critical",
        ),
        (file(record()), "Down (warning) resolves (2 firing, 1 pending of m0, m1): its rule is removed"),
    ],
)
def test_what_becomes_of_active_alerts(after: str, consequence: str | None) -> None:
    """As Prometheus does: state stays with file, group, name and static labels."""
    found = said(running(file(alert()), firing=2, pending=1), after)
    told = found[found.index("alerts that are active now:") + 1 :] if "alerts that are active now:" in found else []
    assert told == ([f"  {consequence}"] if consequence else [])


def test_another_file_starts_alerts_over() -> None:
    found = said(running(file(alert()), firing=1), file(alert()), name="y.yml")
    assert found[-1] == "  Down (warning) starts over (1 firing of m0): its rule moves: x.yml/a -> y.yml/a"


@pytest.mark.parametrize(("version", "told"), [((2, 42), False), ((3, 0), True), ((3, 10), True), ((3, 11), False)])
def test_a_longer_for_starts_firing_alerts_over_in_some_versions(version: tuple[int, int], told: bool) -> None:
    before, after = running(file(alert()), firing=1, pending=1), file(alert(after="10m"))
    assert any("starts over (1 firing of m0)" in line for line in said(before, after, version=version)) is told


def test_a_record_that_others_read_is_named_when_it_goes() -> None:
    before = running(file(alert(), record()), elsewhere=frozenset({"a:up:count"}))
    assert said(before, file(alert()))[-1] == "a:up:count is recorded no more, and rules that are not ours read it"


def test_many_models_are_counted() -> None:
    found = said(running(file(alert()), firing=5), file(record()))
    assert "5 firing of m0, m1, m2 and 2 more" in found[-1]
