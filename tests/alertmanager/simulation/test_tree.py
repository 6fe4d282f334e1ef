"""The tree of routes: inheritance, the order, continue; and amtool's opinion."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertmanager.document import CONFIGURATION, configuration, document
from alertmanager.simulation import amtool
from alertmanager.simulation.server import Server
from alertmanager.simulation.tree import Route, taken, tree
from tests.alertmanager.samples import FRAUD, MOVE, OWNED, alerts, labels


def route(receiver: str, *matchers: str, **more: Any) -> dict[str, Any]:
    return {"receiver": receiver, **({"matchers": list(matchers)} if matchers else {}), **more}


def reached(root: dict[str, Any], **alert: str) -> list[str]:
    return [each.receiver for each in taken(tree(root), alert)]


def test_the_first_route_takes_it_unless_it_goes_on() -> None:
    children = [route("a", 'x="1"'), route("b", 'y="1"', **{"continue": True}), route("c", 'y=~"1|2"')]
    root = route("root", routes=children)
    assert reached(root, x="1", y="1") == ["a"]
    assert reached(root, y="1") == ["b", "c"]
    assert reached(root, y="2") == ["c"]
    assert reached(root, y="3") == ["root"]


def test_a_child_instead_of_its_parent() -> None:
    child = route("a", 'x="1"', routes=[route("b", 'y="1"'), route("c", 'y="1"')])
    root = route("root", routes=[child])
    assert reached(root, x="1") == ["a"]
    assert reached(root, x="1", y="1") == ["b"]
    # A child that goes on: the parent's later children, and then the parent's siblings only if it goes on, too.
    child["routes"][0]["continue"] = True
    assert reached(root, x="1", y="1") == ["b", "c"]


def test_what_is_inherited() -> None:
    child = {"matchers": ['x="1"'], "group_wait": "1s", "routes": [{"matchers": ['y="1"'], "group_by": []}]}
    root = tree(route("root", group_by=["job"], group_interval="1m", routes=[child]))
    [below] = root.routes[0].routes
    assert (below.receiver, below.group_by) == ("root", ("job",))
    assert below.times == {"group_wait": "1s", "group_interval": "1m", "repeat_interval": "4h"}
    assert below.place == ("route", "routes", 0, "routes", 0)


def test_time_intervals_are_not_inherited() -> None:
    child = route("a", 'x="1"', mute_time_intervals=["m"], active_time_intervals=["n"], routes=[route("b", 'y="1"')])
    [one] = tree(route("root", routes=[child])).routes
    assert (one.mute, one.active, one.routes[0].mute, one.routes[0].active) == (("m",), ("n",), (), ())


def test_old_forms_of_matchers() -> None:
    assert reached(
        route("root", routes=[{"receiver": "a", "match": {"x": "1"}, "match_re": {"y": "a|b"}}]), x="1", y="b"
    ) == ["a"]


def write(folder: Path, text: str) -> Path:
    path = folder / CONFIGURATION
    path.write_text(text, encoding="utf-8")
    return path


def program() -> str:
    found = amtool.amtool()
    assert found, "run `make tools`"
    return found


def test_amtool_routes_every_alert_the_same(tmp_path: Path) -> None:
    """Those of committed routes by their name and severity; of owners and models every combination once."""
    path = write(tmp_path, document())
    server = Server(configuration())
    for alert in alerts():
        ours = tuple(each.receiver for each in taken(server.tree, alert.labels()))
        assert amtool.receivers(program(), path, alert.labels()) == ours, alert.said


def test_amtool_routes_owners_and_maintenance_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, document(OWNED, (MOVE, FRAUD)))
    server = Server(configuration(OWNED, (MOVE, FRAUD)))
    by_severity = {(alert.severity, alert.value("action")): alert for alert in alerts() if "owner" in alert.possible}
    variants = [each for alert in by_severity.values() for each in alert.variants(server.told_apart)]
    assert len(variants) == len(by_severity) * 4 * 2  # risk, shop, another, none; fraud, another
    for each in variants:
        ours = tuple(one.receiver for one in taken(server.tree, each))
        assert amtool.receivers(program(), path, each) == ours, each


@pytest.mark.parametrize("seed", range(6))
def test_amtool_walks_any_tree_the_same(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    operators = ("=", "!=", "=~", "!~")

    def matcher() -> str:
        return f'{chance.choice("xyz")}{chance.choice(operators)}"{chance.choice(["", "1", "2", "1|2", "1.*"])}"'

    def some(depth: int) -> dict[str, Any]:
        found = route(f"r{chance.randrange(5)}", *(matcher() for _ in range(chance.randrange(3))))
        if chance.random() < 0.4:
            found["continue"] = True
        if depth:
            found["routes"] = [some(depth - 1) for _ in range(chance.randrange(4))]
        return found

    root = {"receiver": "r0", "routes": [some(2) for _ in range(4)]}
    path = write(tmp_path, yaml.safe_dump({"route": root, "receivers": [{"name": f"r{n}"} for n in range(5)]}))
    ours: Route = tree(root)
    for _ in range(5):
        alert = {name: chance.choice(["", "1", "2", "12"]) for name in "xyz"} | {"alertname": "A"}
        assert amtool.receivers(program(), path, alert) == tuple(each.receiver for each in taken(ours, alert)), alert


def test_labels_of_an_alert() -> None:
    assert labels("MLOutage", "emergency", owner="risk")["owner"] == "risk"
