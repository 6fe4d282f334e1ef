"""Dashboards as the JSON that Grafana reads: the same bytes for the same dashboards."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dashboards.board import Board
from dashboards.grafana import raw
from dashboards.normalise import normalised


def documents(boards: Iterable[Board]) -> dict[str, str]:
    """Return the text of each file, by its name."""
    return {f"{board.uid}.json": text(board) for board in boards}


def text(board: Board) -> str:
    return json.dumps(normalised(raw(board)), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
