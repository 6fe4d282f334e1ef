"""Killed at any moment, the exporter loses nothing and counts nothing twice.

``python -m torture crash`` does the same a thousand times over.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.crash import campaign

KILLS = 15


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_again_and_again_it_agrees_with_one_that_never_was(seed: int, tmp_path: Path) -> None:
    outcome = campaign.run(tmp_path, seed, KILLS)
    assert outcome.faults == [], f"seed {seed}"
    assert outcome.kills == KILLS
    assert outcome.series > 1000
