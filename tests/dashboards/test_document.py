from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import dashboards
from dashboards.bundle import boards
from dashboards.command_line import GENERATED, main
from dashboards.document import documents

PACKAGE = Path(dashboards.__file__).parent
MADE = documents(boards())


@pytest.mark.parametrize("name", MADE)
def test_what_is_committed_is_what_is_made(name: str) -> None:
    assert (GENERATED / name).read_text("utf-8") == MADE[name]


def test_nothing_else_is_committed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_second_time_the_bytes_are_the_same() -> None:
    assert documents(boards()) == MADE


@pytest.mark.parametrize("name", MADE)
def test_files_are_named_by_their_uid(name: str) -> None:
    board = json.loads(MADE[name])
    assert f"{board['uid']}.json" == name
    assert "id" not in board
    assert board["editable"] is False


def test_one_module_knows_grafanalib() -> None:
    importing = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if any(name.startswith("grafanalib") for name in (*names, module)):
                importing.add(path.name)
    assert importing == {"grafana.py"}
