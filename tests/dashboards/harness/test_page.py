"""The page itself: what it shows comes from the file and from Prometheus."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dashboards.harness.server import BOARDS, served
from tests.dashboards.harness.visits import RED, Visits


def test_another_threshold_in_the_file_is_another_colour_of_the_tile(
    chromium: Any, page: Path, prometheus: str, tmp_path: Path
) -> None:
    boards = shutil.copytree(BOARDS, tmp_path / "boards")
    path = boards / "driftbell-overview.json"
    board = json.loads(path.read_text("utf-8"))
    tile = next(panel for panel in board["panels"] if panel["id"] == 1)
    tile["fieldConfig"]["defaults"]["thresholds"]["steps"] = [{"color": "red", "value": None}]
    tile["targets"][0]["expr"] = "vector(3)"
    path.write_text(json.dumps(board))
    with served(page, prometheus, boards=boards) as url:
        assert Visits(chromium, url).see("overview").tile(1) == ("3", RED)


def test_a_query_that_prometheus_refuses_is_an_error_of_the_panel(
    chromium: Any, page: Path, prometheus: str, tmp_path: Path
) -> None:
    boards = shutil.copytree(BOARDS, tmp_path / "boards")
    path = boards / "driftbell-overview.json"
    board = json.loads(path.read_text("utf-8"))
    next(panel for panel in board["panels"] if panel["id"] == 1)["targets"][0]["expr"] = "sum("
    path.write_text(json.dumps(board))
    with served(page, prometheus, boards=boards) as url:
        (error,) = Visits(chromium, url).see("overview").panels[1]["errors"]
    assert "parse error" in error


@pytest.mark.parametrize(
    "path", ["/../../pyproject.toml", "/boards/../../pyproject.toml", "/boards/%2e%2e/grafana.py", "/nothing"]
)
def test_only_the_page_and_the_boards_are_served(page: Path, prometheus: str, path: str) -> None:
    with served(page, prometheus) as url, pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"http://{urlsplit(url).netloc}{path}")
    assert error.value.code == 404
    error.value.close()
