"""What a parser once stumbled over, and what it must take, again."""

from __future__ import annotations

import pytest

from tests.fuzz.corpus import FOLDER, kept
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_everything_that_is_kept(target: str) -> None:
    for data in kept(target).values():
        TARGETS[target](data)


def test_every_target_has_something_to_begin_with() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(TARGETS)
    assert all("good" in kept(target) for target in TARGETS)


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 300_000
