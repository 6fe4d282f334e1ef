"""All dashboards."""

from __future__ import annotations

from dashboards.board import Board
from dashboards.boards import drift, feature, overview, quality, resources, slo


def boards() -> tuple[Board, ...]:
    return (
        overview.overview(),
        quality.quality(),
        drift.drift(),
        feature.feature(),
        slo.slo(),
        resources.resources(),
    )
