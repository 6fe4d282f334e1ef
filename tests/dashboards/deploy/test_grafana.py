from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dashboards.deploy import discovery
from dashboards.deploy.action import entries
from dashboards.deploy.refusal import RETRIED
from dashboards.deploy.seal import is_genuine, seal_of, without
from dashboards.deploy.targets.grafana import Grafana
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.transaction import deploy
from tests.dashboards.deploy import stand_in
from tests.dashboards.deploy.samples import board, panel, texts
from tests.rules.deploy.samples import Clock, client
from tests.rules.deploy.stand_in import Answer, Request, serving

A, B, C = "driftbell-a", "driftbell-b", "driftbell-c"
OLD = texts(board(A), board(B))
NEW = texts(board(A), board(B, panel(1, "up == 0")), board(C))
APIS = "/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards"
# The request that changes B, and the one that makes C.
SAVES = {
    "legacy": (f"POST /api/dashboards/db {B}", f"POST /api/dashboards/db {C}"),
    "apis": (f"PUT {APIS}/{B}", f"POST {APIS} {C}"),
}


class World:
    def __init__(self, folder: Path, api: str) -> None:
        self.grafana = stand_in.Grafana()
        self.api, self.clock = api, Clock()
        self.state = State(folder / "state")
        self.url, self.limit = "", 5.0
        self.got: list[Request] = []
        self.change, self.make = SAVES[api]

    def deploy(self, wanted: dict[str, str], *, dry: bool = False, again: str | None = None, **more: Any) -> list[str]:
        said: list[str] = []
        connection = client(self.url, self.clock, passing=RETRIED, request=self.limit)
        api = discovery.chosen(connection, self.api)
        target = Grafana(api, self.state, "driftbell", diff=dry, **more)
        files = entries(wanted, "driftbell", "Driftbell") if again is None else self.state.backup(again)
        deploy(target, files, said.append, dry_run=dry)
        return said

    def sent(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.got if each.method != "GET"]

    def held(self) -> dict[str, Any]:
        """Return everything but the numbers of versions."""
        boards = {uid: (deepcopy(each.document), each.folder) for uid, each in self.grafana.dashboards.items()}
        return {"folders": dict(self.grafana.folders), "boards": boards}

    def shown(self, uid: str) -> dict[str, Any]:
        """Return a dashboard without its seal."""
        return without(self.grafana.dashboards[uid].document)

    def edit(self, uid: str, **changes: Any) -> None:
        stored = self.grafana.dashboards[uid]
        self.grafana.put(uid, {**stored.document, **changes}, stored.folder)


@pytest.fixture(params=["legacy", "apis"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, request.param)
    with serving(made.grafana) as (url, got):
        made.url, made.got = url, got
        made.deploy(OLD)
        got.clear()
        yield made


def refused(world: World, wanted: dict[str, str], match: str, **more: Any) -> DeployError:
    with pytest.raises(DeployError, match=match) as caught:
        world.deploy(wanted, **more)
    return caught.value


def test_what_is_wanted_is_there_in_its_folder(world: World) -> None:
    assert world.grafana.folders == {"driftbell": "Driftbell"}
    assert {uid: each.folder for uid, each in world.grafana.dashboards.items()} == {A: "driftbell", B: "driftbell"}
    expected = board(A)
    assert {key: world.shown(A)[key] for key in expected if key != "uid"} == {
        k: v for k, v in expected.items() if k != "uid"
    }


def test_only_what_differs_is_written(world: World) -> None:
    said = world.deploy(NEW)
    assert [each.version for each in world.grafana.dashboards.values()] == [1, 2, 1]
    assert "driftbell-b.json: is written (+2 -2 lines)" in said
    assert "driftbell-c.json: is made" in said
    assert len(world.sent()) == 2


def test_the_second_time_there_is_nothing_to_do(world: World) -> None:
    assert world.deploy(OLD) == ["nothing to do"]
    assert world.sent() == []


def test_a_dry_run_shows_the_lines_and_changes_nothing(world: World) -> None:
    before = world.held()
    said = world.deploy(NEW, dry=True)
    assert '-     "expr": "up",' in said
    assert '+     "expr": "up == 0",' in said
    assert said[-1] == "dry run: nothing was changed"
    assert world.sent() == []
    assert world.held() == before


def test_a_change_by_hand_is_not_overwritten(world: World) -> None:
    world.edit(B, title="Mine")
    for wanted in (NEW, OLD):
        error = refused(world, wanted, r"driftbell-b.json was changed in Grafana since .* --force")
        assert error.code is Exit.EDITED
    assert world.sent() == []
    said = world.deploy(NEW, force=True)
    assert [line for line in said if "that is lost, a backup keeps it" in line]
    assert world.shown(B)["title"] == "Driftbell-B"
    assert '"Mine"' in world.state.backup()[f"{B}.json"]


def test_what_others_have_under_our_uid_is_not_overwritten(world: World) -> None:
    world.grafana.put(C, board(C, title="Theirs"), "driftbell")
    assert refused(world, NEW, "was not deployed from here").code is Exit.EDITED
    world.deploy(NEW, force=True)
    assert world.shown(C)["title"] == "Driftbell-C"


def test_what_is_in_another_folder_moves(world: World) -> None:
    world.grafana.folders["other"] = "Other"
    world.grafana.dashboards[B].folder = "other"
    assert [line for line in world.deploy(OLD) if line.endswith("and moves from folder other to driftbell")]
    assert world.grafana.dashboards[B].folder == "driftbell"


def test_ours_that_are_gone_from_the_bundle_go_when_that_is_said(world: World) -> None:
    world.grafana.put("theirs", board("theirs"), "driftbell")
    world.grafana.put("elsewhere", world.grafana.dashboards[B].document, "")
    only = texts(board(A))
    assert world.deploy(only)[0] == f"{B}.json is still there, and not in the bundle any more: --prune removes it"
    assert world.sent() == []
    world.edit(B, title="Mine")
    assert refused(world, only, f"{B}.json was changed", prune=True).code is Exit.EDITED
    world.deploy(only, prune=True, force=True)
    assert set(world.grafana.dashboards) == {A, "theirs", "elsewhere"}


def test_what_a_file_provisions_is_left_to_it(world: World) -> None:
    world.grafana.provisioned = {B}
    error = refused(world, NEW, "one owner")
    assert error.code is Exit.UNSUITABLE
    assert world.sent() == []


def test_what_was_saved_in_the_newer_schema_is_told(world: World) -> None:
    world.grafana.newer = {B}
    assert refused(world, NEW, "was saved in Grafana").code is Exit.UNSUITABLE
    assert world.sent() == []


HALF: Answer = (200, '{"title":', {"content-length": "1000"})
PASSING: list[Answer] = [*((status, "later") for status in (429, 500, 502, 503, 504)), (0, ""), (0, "silence"), HALF]


@pytest.mark.parametrize("answer", PASSING)
def test_what_passes_is_tried_again(world: World, answer: Answer) -> None:
    world.limit = 0.15 if answer == (0, "silence") else 5.0
    world.grafana.faults = [(world.change, answer), (world.make, answer), ("GET", answer), ("DELETE", answer)]
    world.deploy({key: text for key, text in NEW.items() if A not in key}, prune=True)
    assert set(world.grafana.dashboards) == {B, C}
    assert world.shown(B)["panels"][0]["targets"][0]["expr"] == "up == 0"


def test_an_answer_that_is_lost_is_made_good(world: World) -> None:
    world.grafana.lost = [world.change, world.make]
    world.deploy(NEW)
    assert [each.version for each in world.grafana.dashboards.values()] == [1, 2, 1]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, Exit.REFUSED, "400: because"),
        (401, Exit.DENIED, "--token-file"),
        (403, Exit.DENIED, "dashboards:read"),
        (404, Exit.REFUSED, "right address"),
        (409, Exit.EDITED, "while this ran"),
        (412, Exit.EDITED, "while this ran"),
        (413, Exit.REFUSED, "a proxy"),
        (422, Exit.REFUSED, "does not understand"),
        (302, Exit.UNREACHABLE, "redirects to"),
    ],
)
def test_a_refusal_half_way_is_rolled_back(world: World, status: int, code: Exit, message: str) -> None:
    world.edit(A, title="Mine")
    before = world.held()
    fault: Answer = (status, "because", {"Location": "http://127.0.0.1:1/login"} if status == 302 else {})
    world.grafana.faults = [(world.make, fault)]
    error = refused(world, NEW, message, force=True)
    assert error.code is code
    assert world.held() == before
    assert world.state.unfinished is None


def test_a_provisioned_dashboard_that_was_not_known_as_one_is_told(world: World) -> None:
    world.grafana.faults = [(world.change, (400, '{"message":"Cannot save provisioned dashboard"}'))]
    assert refused(world, NEW, "deploy to the files").code is Exit.UNSUITABLE


def test_a_server_that_stays_busy_is_rolled_back(world: World) -> None:
    before = world.held()
    world.grafana.faults = [(world.change, (429, "slow down", {"Retry-After": "20"}))] * 2
    assert refused(world, NEW, "slow down").code is Exit.OVERLOADED
    assert world.held() == before


def test_what_somebody_saves_meanwhile_is_kept(world: World) -> None:
    world.grafana.meanwhile = [(world.change, lambda: world.edit(B, title="Just now"))]
    assert refused(world, NEW, "somebody|while this ran").code is Exit.EDITED
    assert world.shown(B)["title"] == "Just now"
    assert C not in world.grafana.dashboards
    assert world.state.unfinished is None


def test_not_even_by_force_is_lost_what_nobody_has_seen(world: World) -> None:
    world.edit(B, title="Mine")
    world.grafana.meanwhile = [(world.change, lambda: world.edit(B, title="Just now"))]
    assert refused(world, OLD, "while this ran", force=True).code is Exit.EDITED
    assert world.shown(B)["title"] == "Just now"
    world.deploy(OLD, force=True)
    assert world.shown(B)["title"] == "Driftbell-B"


def test_what_somebody_saves_before_it_is_removed_is_kept(world: World) -> None:
    get = "GET /api/dashboards/uid/" if world.api == "legacy" else f"GET {APIS}/"
    save = lambda: world.edit(B, title="Just now")  # noqa: E731
    world.grafana.meanwhile = [(get + B, lambda: world.grafana.meanwhile.append((get + B, save)))]
    assert refused(world, texts(board(A)), "somebody saved it", prune=True).code is Exit.EDITED
    assert world.shown(B)["title"] == "Just now"


def test_a_first_deployment_that_fails_leaves_nothing(world: World) -> None:
    world.grafana.dashboards.clear()
    world.grafana.folders.clear()
    world.grafana.faults = [(world.make, (400, "because"))]
    refused(world, NEW, "because")
    assert world.held() == {"folders": {}, "boards": {}}


@pytest.mark.parametrize("theirs", ["dashboard", "folder"])
def test_a_folder_that_others_use_by_now_is_left(world: World, theirs: str) -> None:
    world.grafana.dashboards.clear()
    world.grafana.folders.clear()

    def fill() -> None:
        if theirs == "dashboard":
            world.grafana.put("theirs", board("theirs"), "driftbell")
        else:
            world.grafana.parents["theirs"] = "driftbell"

    world.grafana.meanwhile = [(world.make, fill)]
    world.grafana.faults = [(world.make, (400, "because"))]
    refused(world, NEW, "because")
    assert world.grafana.folders == {"driftbell": "Driftbell"}
    assert set(world.grafana.dashboards) == ({"theirs"} if theirs == "dashboard" else set())


def test_a_rollback_that_fails_is_finished_by_the_next_deployment(world: World) -> None:
    before = world.held()
    world.grafana.breaks_at = world.make
    assert refused(world, NEW, "rolling back did not succeed").code is Exit.HALFWAY
    world.grafana.breaks_at, world.grafana.broken = "", False
    said = world.deploy(OLD)
    assert said[0].endswith("it is rolled back first")
    assert said[-1] == "nothing to do"
    assert world.held() == before


def test_a_rollback_that_did_nothing_is_told(world: World) -> None:
    def say_yes() -> None:
        shown = {"metadata": {"name": B, "annotations": {"grafana.app/folder": "driftbell"}}, "spec": {}, "version": 9}
        world.grafana.faults.append((world.change, (200, json.dumps(shown))))

    world.grafana.meanwhile = [(world.make, say_yes)]
    world.grafana.faults = [(world.make, (400, "because"))]
    assert refused(world, NEW, f"does not show {B}.json as before").code is Exit.HALFWAY
    assert world.deploy(OLD)[-1] == "nothing to do"
    assert world.deploy(OLD) == ["nothing to do"]


def test_after_a_break_the_same_deployment_is_finished(world: World) -> None:
    world.grafana.breaks_at = world.make
    refused(world, NEW, "rolling back did not succeed")
    world.grafana.breaks_at, world.grafana.broken = "", False
    assert world.deploy(NEW)[0].endswith("it is finished now")
    assert set(world.grafana.dashboards) == {A, B, C}
    assert world.deploy(NEW) == ["nothing to do"]


def test_what_was_there_before_is_deployed_again(world: World) -> None:
    before = world.held()
    world.deploy(NEW)
    world.deploy({}, again="", prune=True)
    assert world.held() == before
    first = world.state.backups[0]
    world.deploy({}, again=first, prune=True)
    assert world.held() == {"folders": {}, "boards": {}}


def other_words(document: dict[str, Any]) -> dict[str, Any]:
    """Do as a server that stores another schema: what it shows has more in it, and other numbers."""
    shown = deepcopy(document)
    shown.update(schemaVersion=43, preload=False, links=[])
    for each in shown["panels"]:
        each.setdefault("transparent", False)
    return shown


def test_a_server_that_answers_in_other_words(world: World) -> None:
    world.grafana.converts = other_words
    assert refused(world, OLD, "converted by a new version").code is Exit.EDITED
    said = world.deploy(NEW, force=True)
    assert [line for line in said if line.startswith(f"{B}: Grafana keeps it in other words than it was sent: links, ")]
    assert world.deploy(NEW) == ["nothing to do"]
    world.got.clear()
    world.deploy(OLD)
    # Once as it is, once with the sum of what became of it.
    assert world.grafana.dashboards[B].version == 5
    world.edit(B, title="Mine")
    assert refused(world, NEW, "was changed in Grafana").code is Exit.EDITED


def test_a_server_that_answers_in_other_words_is_rolled_back(world: World) -> None:
    world.grafana.converts = other_words
    world.deploy(OLD, force=True)
    before = {uid: other_words(each.document) for uid, each in world.grafana.dashboards.items()}
    world.grafana.faults = [(world.make, (400, "because"))]
    refused(world, NEW, "because")
    assert {uid: other_words(each.document) for uid, each in world.grafana.dashboards.items()} == before
    assert world.deploy(OLD) == ["nothing to do"]


def test_a_server_that_loses_a_panel_is_rolled_back(world: World) -> None:
    before = world.held()

    def forgetful(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "panels": [each for each in document["panels"] if each["targets"][0]["expr"] == "up"]}

    world.grafana.converts = forgetful
    assert refused(world, NEW, f"does not show {B} as it was sent: panels").code is Exit.UNVERIFIED
    assert world.held() == before


def test_labels_of_others_stay_on_the_object(world: World) -> None:
    world.grafana.dashboards[B].labels = {"team": "risk"}
    world.deploy(NEW)
    assert world.grafana.dashboards[B].labels == {"team": "risk"}


def test_a_seal_says_what_was_sent_and_what_became_of_it(world: World) -> None:
    document = world.grafana.dashboards[A].document
    seal = seal_of(document)
    assert seal is not None
    assert seal.sent == seal.served
    assert is_genuine(document)
    assert document["description"].startswith("Is it up?\n\nDeployed by Driftbell as ")
