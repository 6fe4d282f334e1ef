from __future__ import annotations

from pathlib import Path

import pytest

from exporter.state.lock import Lock
from exporter.state.problem import StateError


def test_it_remembers_how_far_a_state_had_come(tmp_path: Path) -> None:
    first = Lock(tmp_path)
    assert (first.was_used, first.identity, first.commits) == (False, None, 0)
    first.remember(7, 3)
    first.remember(0xFFFF_FFFF_FFFF_FFFF, 12)
    first.close()
    again = Lock(tmp_path)
    assert (again.was_used, again.identity, again.commits) == (True, 0xFFFF_FFFF_FFFF_FFFF, 12)
    again.close()


@pytest.mark.parametrize("text", ["state", "state 00 commits x\n", "\x00\xff\n"])
def test_a_note_that_cannot_be_read_says_only_that_there_was_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "lock").write_text(text, encoding="latin-1")
    lock = Lock(tmp_path)
    assert (lock.was_used, lock.identity, lock.commits) == (True, None, 0)
    lock.remember(1, 2)
    lock.close()
    again = Lock(tmp_path)
    assert again.commits == 2
    again.close()


def test_it_has_one_owner(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    with pytest.raises(StateError, match="another exporter uses this state"):
        Lock(tmp_path)
    lock.close()
    Lock(tmp_path).close()
