from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from dashboards.deploy import action, arguments
from dashboards.deploy.documents import texts_in
from dashboards.lint import run as run_of_lint
from rules.deploy.failure import DeployError, Exit
from rules.lint.finding import Finding, Level
from tests.dashboards.deploy.samples import board, panel, text
from tests.dashboards.deploy.stand_in import Grafana
from tests.rules.deploy.stand_in import Answer, Request, serving

TOKEN = "glsa_0123456789abcdef"  # noqa: S105 - of nobody


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    arguments.add_to(parser.add_subparsers())
    chosen = parser.parse_args(["deploy", *words])
    return int(chosen.run(chosen))


@pytest.fixture
def boards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # They say too little for the lint, which has its own tests.
    monkeypatch.setattr(run_of_lint, "findings", lambda *_: [])
    folder = tmp_path / "boards"
    folder.mkdir()
    write(folder, {"a.json": text(board("a")), "b.json": text(board("b"))})
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


@pytest.fixture
def grafana() -> Iterator[tuple[Grafana, str, list[Request]]]:
    server = Grafana(token=TOKEN)
    with serving(server) as (url, got):
        yield server, url, got


World = tuple[Grafana, str, list[Request]]


def test_grafana_from_the_command_line(
    boards: Path, grafana: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server, url, got = grafana
    monkeypatch.setenv("TOKEN", TOKEN)
    words = ["grafana", "--url", url, "--token-env", "TOKEN", "--dashboards", str(boards), "--namespace", "org-2"]
    assert run(*words, "--dry-run") == Exit.DONE
    assert server.dashboards == {}
    assert run(*words) == Exit.DONE
    assert set(server.dashboards) == {"a", "b"}
    assert {each.headers["x-grafana-org-id"] for each in got} == {"2"}
    assert {each.path.split("/")[5] for each in got if "/namespaces/" in each.path} == {"org-2"}
    write(boards, {"b.json": text(board("b", panel(1, "up == 0")))})
    assert run(*words) == Exit.DONE
    assert run(*words, "--rollback") == Exit.DONE
    assert server.dashboards["b"].document["panels"][0]["targets"][0]["expr"] == "up"
    server.dashboards["b"].document["title"] = "Mine"
    assert run(*words) == Exit.EDITED
    assert run(*words, "--force", "--api", "legacy") == Exit.DONE
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert (tmp_path / ".driftbell-deploy").is_dir()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((403, f"Authorization: Bearer {TOKEN} is not enough"), Exit.DENIED),
        ((502, f"Bad gateway for {TOKEN}"), Exit.OVERLOADED),
        ((302, "", {"Location": "https://sso.example.com/login"}), Exit.UNREACHABLE),
        ((200, "<html>log in</html>"), Exit.UNREACHABLE),
    ],
)
def test_a_secret_is_never_said(
    answer: Answer, code: Exit, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with serving(lambda _: answer) as (url, got):
        words = ["--url", url, "--token-file", str(tmp_path / "token"), "--dashboards", str(boards), "--timeout", "0.1"]
        assert run("grafana", *words) == code
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert got[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_files_from_the_command_line(boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("etc", "etc/shown", "etc/provisioning"):
        (tmp_path / name).mkdir()
    words = ["files", "--folder", str(tmp_path / "etc/shown"), "--dashboards", str(boards)]
    more = ["--provider", str(tmp_path / "etc/provisioning/d.yml"), "--server-folder", "/in/container/"]
    assert run(*words, *more) == Exit.DONE
    assert (tmp_path / "etc/shown/a.json").read_text() == text(board("a"))
    found = yaml.safe_load((tmp_path / "etc/provisioning/d.yml").read_text())["providers"][0]
    assert (found["options"]["path"], found["folderUid"]) == ("/in/container", "driftbell")
    assert run(*words, *more, "--rollback") == Exit.DONE
    assert list((tmp_path / "etc/shown").iterdir()) == []
    assert "with --url that is verified" in capsys.readouterr().out


def test_config_maps_are_printed_and_nothing_else(boards: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("kubernetes", "--namespace", "prod", "--label", "x=y", "--dashboards", str(boards)) == 0
    objects = list(yaml.safe_load_all(capsys.readouterr().out))
    assert [each["data"] for each in objects] == [{f"{uid}.json": text(board(uid))} for uid in ("a", "b")]
    assert {each["metadata"]["labels"]["x"] for each in objects} == {"y"}


def test_what_the_lint_finds_stops_it(
    boards: Path, grafana: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Finding("a.json", 7, "D01", level, "is wrong", "Up", "a") for level in (Level.ERROR, Level.WARNING)]
    words = ["grafana", "--url", grafana[1], "--dashboards", str(boards), "--dry-run"]
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.setattr(run_of_lint, "findings", lambda *_: found)
    assert run(*words, "--token-env", "TOKEN") == Exit.LINT
    assert "a.json:7: D01 Up: is wrong" in capsys.readouterr().err
    monkeypatch.setattr(run_of_lint, "findings", lambda *_: found[1:])
    assert run(*words, "--token-env", "TOKEN") == Exit.DONE
    assert "lint: 2 files, no errors, 1 warnings" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "has no dashboards"),
        ({"a.json": "{"}, r"a\.json: no JSON"),
        ({"a.json": "[]"}, "no object"),
        ({"a.json": json.dumps({"dashboard": board("a")})}, "envelope"),
        ({"a.json": json.dumps({"elements": {}, "uid": "a"})}, "another schema"),
        ({"a.json": text(board("x" * 41))}, "40 letters"),
        ({"a.json": text({**board("a"), "uid": None})}, "40 letters"),
        ({"a.json": text(board("a")), "b.json": text(board("a"))}, "several dashboards"),
    ],
)
def test_files_that_are_no_dashboards_are_told(files: dict[str, str], message: str, tmp_path: Path) -> None:
    write(tmp_path, files)
    with pytest.raises(DeployError, match=message) as caught:
        texts_in(tmp_path)
    assert caught.value.code is Exit.LINT


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "http://user:word@127.0.0.1"],
        ["--url", "http://grafana.example.com", "--token-env", "TOKEN"],
        ["--folder-uid", "a/b"],
        ["--rollback"],
    ],
)
def test_wrong_usage(
    words: list[str], boards: Path, grafana: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKEN", TOKEN)
    assert run("grafana", "--url", grafana[1], "--dashboards", str(boards), *words) == Exit.USAGE
    assert "word@" not in capsys.readouterr().err


def test_every_target_can_be_chosen() -> None:
    assert set(action.TARGETS) == {"grafana", "files", "kubernetes"}
