"""Whatever request fails, all of a deployment is there, or nothing; and if not even that, the next one makes it good."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from dashboards.deploy.action import entries
from dashboards.deploy.apis import Apis
from dashboards.deploy.legacy import Legacy
from dashboards.deploy.refusal import RETRIED
from dashboards.deploy.server import Api
from dashboards.deploy.targets.grafana import Grafana
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.transaction import deploy
from tests.dashboards.deploy import stand_in
from tests.dashboards.deploy.samples import board, panel, texts
from tests.rules.deploy.samples import client
from tests.rules.deploy.stand_in import Answer, Request, serving

Kind = Literal["refused", "broken", "interrupted", "lost"]
OLD = texts(board("a"), board("b"))
# One changes, one is new, one goes.
NEW = texts(board("b", panel(1, "up == 0")), board("c"))
REFUSED: Answer = (400, '{"message":"because"}')


@dataclass
class Failing:
    """A server of which the request of a number fails; of a broken one all from that on."""

    grafana: stand_in.Grafana
    kind: Kind = "refused"
    number: int = -1
    count: int = 0

    def __call__(self, request: Request) -> Answer:
        self.count += 1
        now = self.count - 1 == self.number
        if (self.kind == "refused" and now) or (self.kind == "broken" and 0 <= self.number < self.count):
            return REFUSED
        answer = self.grafana(request)
        if now and self.kind == "interrupted":
            os.kill(os.getpid(), signal.SIGTERM)
        return (0, "") if now and self.kind == "lost" else answer

    def fail(self, kind: Kind, number: int) -> None:
        self.kind, self.number, self.count = kind, number, 0

    @property
    def held(self) -> dict[str, Any]:
        boards = {uid: (deepcopy(each.document), each.folder) for uid, each in self.grafana.dashboards.items()}
        return {"folders": dict(self.grafana.folders), "boards": boards}


@dataclass
class World:
    server: Failing
    api: Api
    folder: Path

    def deploy(self, wanted: dict[str, str]) -> None:
        target = Grafana(self.api, State(self.folder), "driftbell", prune=True)
        deploy(target, entries(wanted, "driftbell", "Driftbell"), lambda _: None)


@pytest.fixture(params=["legacy", "apis"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    server = Failing(stand_in.Grafana())
    with serving(server) as (url, _):
        connection = client(url, passing=RETRIED)
        versions = {"dashboard.grafana.app": "v1beta1", "folder.grafana.app": "v1beta1"}
        api = Legacy(connection) if request.param == "legacy" else Apis(connection, "default", versions)
        yield World(server, api, tmp_path / "state")


@pytest.mark.parametrize("kind", ["refused", "broken", "interrupted", "lost"])
def test_all_or_nothing(world: World, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    world.deploy(OLD)
    old = world.server.held
    world.deploy(NEW)
    new = world.server.held
    for number in range(100):
        world.server.fail("refused", -1)
        world.deploy(OLD)
        assert world.server.held == old
        world.server.fail(kind, number)
        failure = _failure(world)
        count = world.server.count
        world.server.fail("refused", -1)
        if failure is None:
            assert world.server.held == new
        elif failure is Exit.HALFWAY:
            assert kind == "broken"
            world.deploy(NEW if number % 2 else OLD)
            assert world.server.held == (new if number % 2 else old)
        else:
            assert world.server.held == old
        if count <= number:
            break
    assert 10 < number < 60
    capsys.readouterr()


def _failure(world: World) -> Exit | None:
    try:
        world.deploy(NEW)
    except DeployError as error:
        return error.code
    return None
