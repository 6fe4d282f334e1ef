"""Pictures of the dashboards, for the documentation and for a person to look at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.dashboards.harness.conftest import See
from tests.dashboards.harness.test_every_board import CHOSEN, COMMITTED

_FOLDER = os.environ.get("DASHBOARDS_PICTURES")
_LARGEST = 250_000

PICTURES = [(name, "broken") for name in sorted(COMMITTED)] + [("overview", "healthy")]


@pytest.mark.parametrize(("board", "scenario"), PICTURES)
def test_a_picture_is_taken(see: See, tmp_path: Path, board: str, scenario: str) -> None:
    folder = Path(_FOLDER) if _FOLDER else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{board}-{scenario}.png"
    path.write_bytes(see(board, scenario, **CHOSEN[board]).picture)
    assert 10_000 < path.stat().st_size < _LARGEST
