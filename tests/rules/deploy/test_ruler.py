from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from rules.bundle import bundle
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.targets.ruler import RETRIED, Ruler
from rules.deploy.transaction import deploy
from rules.document import documents
from tests.rules.deploy.samples import Clock, alert, client, file, record
from tests.rules.deploy.stand_in import Answer, Request, StandIn, serving

SET = "POST /prometheus/config/v1/rules/"
OLD = {"x.yml": file(alert(), record()), "y.yml": file(alert("Other"), group="b")}
NEW = {"x.yml": file(alert(expression="up < 1"), record()), "z.yml": file(record("count(up == 1)"), group="c")}


class World:
    def __init__(self, folder: Path) -> None:
        self.ruler = StandIn()
        self.state = State(folder / "state")
        self.clock = Clock()
        self.url = ""
        self.got: list[Request] = []
        self.limit = 5.0

    def deploy(
        self, wanted: dict[str, str], *, prune: tuple[str, ...] = (), keep: bool = False, dry: bool = False
    ) -> list[str]:
        said: list[str] = []
        connection = client(self.url, self.clock, passing=RETRIED, request=self.limit)
        target = Ruler(connection, self.state, wait=30.0, prune=prune, keep_alerts=keep)
        deploy(target, wanted, said.append, dry_run=dry)
        return said

    def sent(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.got if each.method != "GET"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    with serving(made.ruler) as (url, got):
        made.url, made.got = url, got
        made.deploy(OLD)
        got.clear()
        yield made


def held(world: World) -> dict[str, list[str]]:
    return {
        namespace: [f"{group['name']}: {rule['expr']}" for group in groups for rule in group["rules"]]
        for namespace, groups in world.ruler.rules.items()
    }


OLD_HELD = {"x": ["a: up == 0", "a: count(up)"], "y": ["b: up == 0"]}
NEW_HELD = {"x": ["a: up < 1", "a: count(up)"], "z": ["c: count(up == 1)"]}


def test_only_what_differs_is_sent(world: World) -> None:
    assert held(world) == OLD_HELD
    world.deploy(NEW)
    assert held(world) == NEW_HELD
    assert sorted(world.sent()) == [
        "DELETE /prometheus/config/v1/rules/y/b",
        "POST /prometheus/config/v1/rules/x",
        "POST /prometheus/config/v1/rules/z",
    ]


def test_the_second_time_there_is_nothing_to_do(world: World) -> None:
    assert world.deploy(OLD) == ["nothing to do"]
    # It comes back in other words than it was sent.
    world.ruler.rules["x"][0]["rules"][0]["expr"] = "up  ==  0"
    world.ruler.rules["x"][0]["rules"][0]["for"] = "5m0s"
    assert world.deploy(OLD) == ["nothing to do"]
    assert world.sent() == []


def test_all_of_ours_comes_back_as_it_was_sent(tmp_path: Path) -> None:
    world = World(tmp_path)
    wanted = documents(bundle())
    world.ruler.tells = False
    with serving(world.ruler) as (world.url, world.got):
        assert "does not tell" in world.deploy(wanted)[-2]
        assert world.deploy(wanted) == ["nothing to do"]
    assert len(world.sent()) == sum(len(groups) for groups in world.ruler.rules.values())


def test_namespaces_of_others_are_left_alone(world: World) -> None:
    theirs = [{"name": "t", "rules": [{"record": "t", "expr": "up"}]}]
    world.ruler.rules["theirs"] = list(theirs)
    world.deploy(NEW)
    assert world.ruler.rules["theirs"] == theirs
    world.deploy(NEW, prune=("theirs",))
    assert "theirs" not in world.ruler.rules


PASSING: list[Answer] = [*((status, "later") for status in (429, 500, 502, 503, 504)), (0, ""), (0, "silence")]


@pytest.mark.parametrize("answer", PASSING)
def test_what_passes_is_tried_again(world: World, answer: Answer) -> None:
    world.limit = 0.15 if answer == (0, "silence") else 5.0
    world.ruler.faults = [(SET, answer), ("DELETE", answer), ("GET", answer)]
    world.deploy(NEW)
    assert held(world) == NEW_HELD


@pytest.mark.parametrize("status", [200, 201, 202])
def test_successes(world: World, status: int) -> None:
    world.ruler.faults = [("DELETE", (status, ""))]
    with pytest.raises(DeployError, match=r"other rules than it was given in y\.yml"):
        world.deploy(NEW)
    # It said yes, and did nothing: that is found out.
    assert held(world) == OLD_HELD


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, Exit.REFUSED, "group is bad"),
        (401, Exit.DENIED, "--tenant"),
        (403, Exit.DENIED, "not allowed"),
        (404, Exit.REFUSED, "--ruler-path"),
        (409, Exit.REFUSED, "somebody else"),
        (413, Exit.REFUSED, "split it"),
        (422, Exit.REFUSED, "422"),
    ],
)
@pytest.mark.parametrize("where", ["x", "z"])
def test_a_refusal_half_way_is_rolled_back(world: World, status: int, code: Exit, message: str, where: str) -> None:
    world.ruler.faults = [(SET + where, (status, "group is bad"))]
    with pytest.raises(DeployError, match=message) as caught:
        world.deploy(NEW)
    assert caught.value.code is code
    assert held(world) == OLD_HELD
    assert world.state.unfinished is None


def test_a_server_that_stays_busy_is_rolled_back(world: World) -> None:
    world.ruler.faults = [(SET + "z", (429, "slow down", {"Retry-After": "20"}))] * 2
    with pytest.raises(DeployError, match="slow down") as caught:
        world.deploy(NEW)
    assert caught.value.code is Exit.OVERLOADED
    assert held(world) == OLD_HELD


def test_a_rollback_that_fails_is_finished_by_the_next_deployment(world: World) -> None:
    world.ruler.breaks_at = SET + "z"
    with pytest.raises(DeployError, match="rolling back did not succeed") as caught:
        world.deploy(NEW)
    assert caught.value.code is Exit.HALFWAY
    assert held(world) == {**OLD_HELD, "x": NEW_HELD["x"]}
    world.ruler.breaks_at, world.ruler.broken = "", False
    said = world.deploy(OLD)
    assert said[0].endswith("it is rolled back first")
    assert said[-1] == "nothing to do"
    assert held(world) == OLD_HELD


@pytest.mark.parametrize("at", [SET + "x", SET + "z", "DELETE"])
def test_after_a_break_anywhere_the_same_deployment_is_finished(world: World, at: str) -> None:
    world.ruler.breaks_at = at
    with pytest.raises(DeployError):
        world.deploy(NEW)
    world.ruler.breaks_at, world.ruler.broken = "", False
    assert world.deploy(NEW)[0].endswith("it is finished now")
    assert held(world) == NEW_HELD


def test_an_evaluation_error_is_rolled_back(world: World) -> None:
    world.ruler.errors = {"c": "many-to-many matching"}
    with pytest.raises(DeployError, match="c / a:up:count: many-to-many") as caught:
        world.deploy(NEW)
    assert caught.value.code is Exit.UNVERIFIED
    assert held(world) == OLD_HELD


def test_an_error_that_was_there_before_is_told_and_no_more(world: World) -> None:
    world.ruler.errors = {"b": "was so before"}
    said = world.deploy({**NEW, "y.yml": OLD["y.yml"]})
    assert "b / Other (warning) fails as it did before: was so before" in said


def test_active_alerts_are_told_and_can_be_kept(world: World) -> None:
    world.ruler.active = {"Other": [{"state": "firing", "labels": {"alertname": "Other", "model_name": "m"}}]}
    with pytest.raises(DeployError, match="Other") as caught:
        world.deploy(NEW, keep=True)
    assert caught.value.code is Exit.HALTED
    assert world.sent() == []
    assert "  Other (warning) resolves (1 firing of m): its rule is removed" in world.deploy(NEW, dry=True)


@pytest.mark.parametrize("answer", [(200, "<html>: {"), (200, "- a"), (404, "page not found"), (401, "who?")])
def test_a_wrong_address_is_noticed_before_anything_is_sent(world: World, answer: Answer) -> None:
    world.ruler.faults = [("GET /prometheus/config", answer)]
    with pytest.raises(DeployError, match=r"address|credentials"):
        world.deploy(NEW)
    assert world.sent() == []


def test_namespaces_and_groups_of_any_name(tmp_path: Path) -> None:
    world = World(tmp_path)
    with serving(world.ruler) as (world.url, world.got):
        world.deploy({"a b.yml": file(alert(), group="x/y ?")})
        assert yaml.safe_load(yaml.safe_dump(world.ruler.rules))["a b"][0]["name"] == "x/y ?"
        world.deploy({"c.yml": file(alert())})
        assert set(world.ruler.rules) == {"c"}
