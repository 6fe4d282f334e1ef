from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dashboards.deploy.legacy import Legacy
from dashboards.deploy.targets.files import PROVIDER, ProvisionedFiles
from dashboards.provision import provider
from rules.deploy.failure import DeployError, Exit
from rules.deploy.state import State
from rules.deploy.transaction import deploy
from tests.dashboards.deploy.samples import board, panel, texts
from tests.dashboards.deploy.stand_in import Grafana
from tests.rules.deploy.samples import Clock, client
from tests.rules.deploy.stand_in import serving

OLD = texts(board("a"), board("b"))
NEW = texts(board("a"), board("b", panel(1, "up == 0")), board("c"))


@pytest.fixture
def target(tmp_path: Path) -> ProvisionedFiles:
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "provisioning").mkdir()
    return made(tmp_path)


def made(folder: Path) -> ProvisionedFiles:
    return ProvisionedFiles(folder / "dashboards", State(folder / "state"), folder / "provisioning" / "driftbell.yml")


def run(target: ProvisionedFiles, wanted: dict[str, str], *, dry: bool = False) -> list[str]:
    said: list[str] = []
    deploy(target, wanted, said.append, dry_run=dry)
    return said


def written(target: ProvisionedFiles) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(target.folder.iterdir())}


def test_files_are_what_is_wanted_and_those_of_others_stay(target: ProvisionedFiles, tmp_path: Path) -> None:
    (target.folder / "theirs.json").write_text("theirs")
    run(target, {**OLD, PROVIDER: provider("/seen/as")})
    run(made(tmp_path), {**{name: NEW[name] for name in ("b.json", "c.json")}, PROVIDER: provider("/seen/as")})
    assert written(target) == {**{name: NEW[name] for name in ("b.json", "c.json")}, "theirs.json": "theirs"}
    assert target.provider is not None
    assert yaml.safe_load(target.provider.read_text())["providers"][0]["options"]["path"] == "/seen/as"


def test_the_second_time_there_is_nothing_to_do(target: ProvisionedFiles, tmp_path: Path) -> None:
    run(target, OLD)
    assert run(made(tmp_path), OLD) == ["nothing to do"]


def test_a_dry_run_changes_nothing(target: ProvisionedFiles) -> None:
    assert run(target, OLD, dry=True)[-1] == "dry run: nothing was changed"
    assert written(target) == {}
    assert not target.state.folder.exists()


def test_grafana_must_not_find_backups(target: ProvisionedFiles) -> None:
    target.state = State(target.folder / "state")
    with pytest.raises(DeployError, match="say --state") as caught:
        run(target, OLD)
    assert caught.value.code is Exit.USAGE


def test_links_are_not_followed(target: ProvisionedFiles, tmp_path: Path) -> None:
    (target.folder / "a.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeployError, match="is a link") as caught:
        run(target, OLD)
    assert caught.value.code is Exit.UNWRITABLE


def test_what_grafana_shows_is_waited_for(target: ProvisionedFiles) -> None:
    grafana, clock = Grafana(), Clock()
    with serving(grafana) as (url, got):
        target.api = Legacy(client(url, clock))
        shown = [lambda: None, lambda: [grafana.put(name, board(name), "f") for name in "ab"]]
        grafana.meanwhile = [("GET /api/dashboards/uid/a", each) for each in shown]
        run(target, OLD)
    assert [each.path for each in got].count("/api/dashboards/uid/a") == 2


def test_what_grafana_does_not_show_is_taken_back(target: ProvisionedFiles, tmp_path: Path) -> None:
    run(target, OLD)
    grafana = Grafana()
    again = made(tmp_path)
    with serving(grafana) as (url, _):
        again.api = Legacy(client(url))
        for name in "ab":
            grafana.put(name, board(name), "f")
        with pytest.raises(DeployError, match=r"does not show b\.json, c\.json as they are") as caught:
            run(again, NEW)
    assert caught.value.code is Exit.UNVERIFIED
    assert written(target) == OLD
